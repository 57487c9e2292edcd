//! Both series keep every rule of the plugin ABI.

imprint_testkit::conformance!(
    imprint_nordic_nrf5::PLUGIN,
    "../../devices/nRF51822_xxAA.ron",
    "../../devices/nRF52832_xxAA.ron",
);
