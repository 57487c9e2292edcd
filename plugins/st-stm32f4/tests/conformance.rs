//! The family keeps the rules of the plugin boundary: every case of the conformance kit, on its own board.

imprint_testkit::conformance!(imprint_st_stm32f4::PLUGIN, "../../devices/STM32F407VG.ron");
