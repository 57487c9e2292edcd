//! The whole plugin against the rules of the boundary, on its own board.

imprint_testkit::conformance!(imprint_template_rust::PLUGIN, "devices/A1.ron");
