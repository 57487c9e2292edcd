//! Imprint beside `age` and `openssl`: the same file, from the page cache to nowhere, on one core.
//!
//! They do not do the same, so each row says what it does. `openssl enc` knows no AES-GCM: counter mode and a hash stand
//! for what a script with openssl would do, and `openssl cms` for AES-GCM in a format that people exchange.

use super::{
    Examples,
    image::{FILE_MIB, ROUNDS},
    table::Table,
};
use crate::{Result, process};
use std::{fs, path::Path, time::Duration};

/// A way to encrypt a file and to get it back: shell commands that write to `$OUT`.
struct Way {
    name: &'static str,
    does: &'static str,
    encrypt: &'static str,
    /// Where `decrypt` looks for what was encrypted.
    encrypted: &'static str,
    decrypt: &'static str,
}

const WAYS: &[Way] = &[
    Way {
        name: "imprint",
        does: "AES-256-GCM, SHA-256, Ed25519 signature",
        encrypt: "$IMPRINT seal input $OUT",
        encrypted: "input.sap",
        decrypt: "$IMPRINT read input.sap $OUT",
    },
    Way {
        name: "age",
        does: "ChaCha20-Poly1305, no signature",
        encrypt: "age --encrypt --recipients-file age.pub --output $OUT input",
        encrypted: "input.age",
        decrypt: "age --decrypt --identity age.key --output $OUT input.age",
    },
    Way {
        name: "openssl cms",
        does: "AES-256-GCM, no signature",
        encrypt: "openssl cms -encrypt -binary -stream -aes-256-gcm -outform DER -in input -out $OUT rsa.pem",
        encrypted: "input.cms",
        decrypt: "openssl cms -decrypt -binary -inform DER -in input.cms -inkey rsa.key -out $OUT",
    },
    Way {
        name: "openssl enc, then dgst",
        does: "AES-256-CTR, SHA-256 in a second pass, no signature",
        encrypt: "openssl enc -aes-256-ctr -K $HEX -iv 00000000000000000000000000000000 -in input -out $OUT && openssl dgst -sha256 input",
        encrypted: "input.ctr",
        decrypt: "openssl dgst -sha256 input.ctr && openssl enc -d -aes-256-ctr -K $HEX -iv 00000000000000000000000000000000 -in input.ctr -out $OUT",
    },
];

const MAKE_KEYS: &str = "age-keygen 2>keys.txt >age.key && age-keygen -y age.key >age.pub && \
    openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=bench -keyout rsa.key -out rsa.pem 2>keys.txt";

/// Runs all ways in turn, in `folder`, which has the file `input`. Leaves what they have made.
pub fn compare(examples: &Examples, folder: &Path) -> Result<()> {
    let imprint = examples.path("image_file");
    let shell = |command: &str, out: &str| shell(folder, command, out, &imprint);
    shell(MAKE_KEYS, "")?;
    for way in WAYS {
        shell(way.encrypt, way.encrypted)?;
    }
    let mut best = [[Duration::MAX; 2]; WAYS.len()];
    for _ in 0..ROUNDS {
        for (way, best) in WAYS.iter().zip(&mut best) {
            for (command, best) in [way.encrypt, way.decrypt].into_iter().zip(best) {
                let before = children_time()?;
                shell(command, "/dev/null")?;
                *best = (children_time()? - before).min(*best);
            }
        }
    }
    let title = format!("a file of {FILE_MIB} MiB, one core, MiB/s");
    let mut table = Table::new(&title, &["encrypt", "decrypt"]);
    for (way, best) in WAYS.iter().zip(best) {
        let rates = best.map(|time| (FILE_MIB as f64 / time.as_secs_f64()).into());
        table.row(&format!("{}: {}", way.name, way.does), rates);
    }
    table.print();
    Ok(())
}

/// Runs a command on one core.
fn shell(folder: &Path, command: &str, out: &str, imprint: &str) -> Result<()> {
    let mut shell = process::command(folder, "taskset", ["-c", "0", "sh", "-c", command]);
    shell.env("OUT", out).env("IMPRINT", imprint);
    process::output(shell.env("HEX", "5a".repeat(32))).map(drop)
}

/// Processor time of all commands so far, in user and system mode: fields 16 and 17 of proc_pid_stat(5), in hundredths of
/// a second.
fn children_time() -> Result<Duration> {
    let text = fs::read_to_string("/proc/self/stat").map_err(|error| error.to_string())?;
    // The second field is a name in parentheses, which may hold anything.
    let fields = text.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(13).take(2);
    let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 10))
}
