//! Both devices keep every rule of the plugin ABI.

imprint_testkit::conformance!(
    imprint_st_stm32f1::PLUGIN,
    "../../devices/STM32F103C8.ron",
    "../../devices/STM32F030C8.ron",
);
