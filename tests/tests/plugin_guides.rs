//! `docs/plugin-guide.md` and `docs/board-guide.md`: their commands run in order in an empty folder, the files they write are
//! written, and the pieces of code they show are in the templates. The folder has nothing of the repository.
#![allow(clippy::unwrap_used)]

use imprint_tests::{Started, command_path, repository};
use std::{fs, path::Path, process::Command, time::Duration};

/// The conformance kit and the twin are built in some of the folders: half a minute on an idle core.
const TIME_MAX: Duration = Duration::from_secs(900);

/// What a page says to do.
enum Block {
    /// Lines for a shell.
    Commands(String),
    /// A file, and what is in it.
    Write(String, String),
    /// A piece of a file of the templates.
    In(String, String),
}

/// The fenced blocks: without a word they are commands; ```` ```rust write FILE ```` and ```` ```rust in FILE ```` say what
/// they are; all others are shown and no more.
fn blocks(page: &str) -> Vec<Block> {
    let text = fs::read_to_string(repository().join(page)).unwrap();
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(rule) = line.strip_prefix("```") else {
            continue;
        };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let body = body.join("\n") + "\n";
        match rule.split(' ').collect::<Vec<_>>()[..] {
            [""] => blocks.push(Block::Commands(body)),
            [_, "write", file] => blocks.push(Block::Write(file.into(), body)),
            [_, "in", file] => blocks.push(Block::In(file.into(), body)),
            _ => {}
        }
    }
    blocks
}

/// The commands and files of a page as one script, so that `cd` and `export` stay.
fn script(blocks: &[Block]) -> String {
    let mut script = String::from("set -eu\n");
    for block in blocks {
        match block {
            Block::Commands(lines) => script += lines,
            Block::Write(file, text) => {
                script += &format!("cat > {file} <<'END-OF-FILE'\n{text}END-OF-FILE\n");
            }
            Block::In(..) => {}
        }
    }
    script
}

fn check_page(page: &str, least: usize) {
    let blocks = blocks(page);
    assert!(blocks.len() >= least, "{page}: {} blocks", blocks.len());
    for block in &blocks {
        if let Block::In(file, piece) = block {
            let text = fs::read_to_string(repository().join("plugins").join(file)).unwrap();
            assert!(
                text.contains(piece.as_str()),
                "{page}: not in {file}:\n{piece}"
            );
        }
    }
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("bin")).unwrap();
    fs::copy(command_path(), folder.path().join("bin/imprint")).unwrap();
    shell(folder.path(), &script(&blocks));
}

/// Runs a script in a folder that is all it has: the command, and cargo without a network.
fn shell(folder: &Path, script: &str) {
    let path = std::env::var("PATH").unwrap();
    let mut command = Command::new("sh");
    command
        .args(["-c", script])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", folder.join("bin").display()))
        .env("CARGO_NET_OFFLINE", "true")
        .env_remove("CARGO_TARGET_DIR")
        // What is built on the way is kept from one folder to the next: the registry's crates are the same.
        .env(
            "CARGO_BUILD_BUILD_DIR",
            command_path().with_file_name("plugin-guides"),
        );
    Started::new(&mut command).finish_within(TIME_MAX).passes();
}

#[test]
fn the_plugin_guide_does_what_it_says() {
    check_page("docs/plugin-guide.md", 15);
}

#[test]
fn the_board_guide_does_what_it_says() {
    check_page("docs/board-guide.md", 9);
}

/// The page in the folder itself, in both languages: every command of it, in the order in which they stand.
#[test]
fn the_page_of_a_new_plugin_does_what_it_says() {
    for option in ["", "--c"] {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("bin")).unwrap();
        fs::copy(command_path(), folder.path().join("bin/imprint")).unwrap();
        let home = "export IMPRINT_HOME=$PWD/home\n";
        shell(
            folder.path(),
            &format!("imprint plugin new my-chips {option}"),
        );
        let page = folder.path().join("my-chips/README.md");
        let blocks = blocks(page.to_str().unwrap());
        assert_eq!(blocks.len(), 3);
        let commands = script(&blocks);
        shell(folder.path(), &format!("{home}cd my-chips\n{commands}"));
    }
}
