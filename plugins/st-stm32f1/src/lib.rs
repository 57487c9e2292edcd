//! imprint-st-stm32f1
