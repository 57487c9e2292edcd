//! A plugin that misbehaves in the ways a Rust plugin can. The host's tests load it.

use imprint_plugin::{DeviceFamily, LogLevel, Named, Result, Target};

struct Faulty;

impl DeviceFamily for Faulty {
    const ID: &'static str = "test.faulty";
    const SUMMARY: &'static str = "Panics when asked to";
    const COMMANDS: &'static [Named] = &[
        Named::new("echo", "Gives the input back"),
        Named::new("panic", "Panics with the input"),
        Named::new(
            "panic-with-a-value",
            "Panics with something that is no text and panics again",
        ),
        Named::new("flood", "Logs more lines than a host keeps"),
    ];

    fn open(target: &mut Target<'_>, device: &str) -> Result<Self> {
        target.log(LogLevel::Info, "opened");
        assert_ne!(device, "panic", "asked to panic in open");
        Ok(Self)
    }

    fn command(&mut self, target: &mut Target<'_>, name: &str, input: &[u8]) -> Result<Vec<u8>> {
        match name {
            "panic" => panic!("asked to: {}", String::from_utf8_lossy(input)),
            "panic-with-a-value" => std::panic::panic_any(PanicsAgain),
            "flood" => {
                for line in 0..100_000 {
                    target.log(LogLevel::Debug, &format!("line {line}\n\u{1b}[2J"));
                }
            }
            _ => {}
        }
        Ok(input.to_vec())
    }
}

struct PanicsAgain;

impl Drop for PanicsAgain {
    fn drop(&mut self) {
        panic!("and again");
    }
}

imprint_plugin::export_plugin! { id: "org.imprint.test-faulty", families: [Faulty] }
