//! imprint-nordic-nrf5
