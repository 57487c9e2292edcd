//! Lengths, times and rates in words.

/// A length: `4 KiB`, `1500 B`, `1.5 MiB`.
pub fn bytes(len: u64) -> String {
    match len {
        0..4096 => format!("{len} B"),
        4096..10_485_760 => scaled(len, 1 << 10, "KiB"),
        _ => scaled(len, 1 << 20, "MiB"),
    }
}

fn scaled(len: u64, unit: u64, name: &str) -> String {
    match len % unit {
        0 => format!("{} {name}", len / unit),
        _ => format!("{:.1} {name}", len as f64 / unit as f64),
    }
}

/// A time: `870 µs`, `12.5 ms`, `3.20 s`.
pub fn duration(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..100_000 => format!("{:.1} ms", us as f64 / 1e3),
        100_000..1_000_000 => format!("{} ms", us / 1_000),
        _ => format!("{:.2} s", us as f64 / 1e6),
    }
}

/// Bytes in a time: `52.1 kB/s`; none without both.
pub fn rate(len: u64, us: u64) -> Option<String> {
    (len > 0 && us > 0).then(|| format!("{:.1} kB/s", len as f64 * 1e3 / us as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_words() {
        for (len, text) in [
            (0, "0 B"),
            (1500, "1500 B"),
            (4096, "4 KiB"),
            (5000, "4.9 KiB"),
            (512 << 10, "512 KiB"),
            (1 << 20, "1024 KiB"),
            (16 << 20, "16 MiB"),
        ] {
            assert_eq!(bytes(len), text);
        }
        for (us, text) in [
            (0, "0 µs"),
            (999, "999 µs"),
            (12_500, "12.5 ms"),
            (999_999, "999 ms"),
            (3_200_000, "3.20 s"),
        ] {
            assert_eq!(duration(us), text);
        }
        assert_eq!(rate(65536, 1_000_000).as_deref(), Some("65.5 kB/s"));
        assert_eq!(rate(0, 5), None);
        assert_eq!(rate(5, 0), None);
    }
}
