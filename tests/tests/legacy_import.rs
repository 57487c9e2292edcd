//! Script files of the reference become projects that build and run, or that say what is missing.
#![allow(clippy::unwrap_used)]

use imprint_tests::{F103, NRF52, Run, Workshop};

/// What line 1 to 12 of a real job look like: set-up, comment, two files in one pass, template parameters, CRLF.
const JOB: &str = ":DESCRIBEIMAGE Sensor node V/PARAM1/\r\n\
    ; production, line 3\r\n\
    CM C:\\PEMICRO\\algorithms\\nrf52832_1x32x128k.arp 00000000h ; flash\r\n\
    QO \"..\\out dir\\V/PARAM1/\\application.elf\"\r\n\
    QB out\\table.bin $70000\r\n\
    EN\r\n\
    BM\r\n\
    PM\r\n\
    VM\r\n\
    VC\r\n\
    DE 250\r\n\
    RE\r\n\
    GO 0\r\n";

fn findings(run: &Run) -> Vec<(u64, String, bool)> {
    let findings = run.json()["findings"].as_array().unwrap().clone();
    let finding = |it: &serde_json::Value| {
        let code = it["code"].as_str().unwrap().to_string();
        (
            it["line"].as_u64().unwrap(),
            code,
            it["missing"].as_bool().unwrap(),
        )
    };
    findings.iter().map(finding).collect()
}

#[test]
fn a_whole_job_is_imported_built_and_passes() {
    let workshop = Workshop::new();
    let table: Vec<u8> = (0..=255).collect();
    workshop.write("cfg/job.cfg", JOB);
    workshop.write("cfg/out/table.bin", &table);
    let import = [
        "import",
        "cfg/job.cfg",
        "-o",
        "job",
        "--device",
        NRF52.device,
        "--param",
        "1=7",
    ];
    let run = workshop.json(&import).passes();
    assert_eq!(
        findings(&run),
        [
            (3, "IMP-1168".into(), false),
            (10, "IMP-1168".into(), false)
        ]
    );
    let json = run.json();
    assert_eq!(json["complete"], true);
    let files = &json["files"];
    assert_eq!(files[0]["path"], "..\\out dir\\V7\\application.elf");
    assert_eq!(
        (&files[0]["is_there"], &files[1]["is_there"]),
        (&false.into(), &true.into())
    );
    assert_eq!(workshop.read("job/table.bin"), table);

    // The other one is brought by a person, as the output says.
    let build = ["build", "job/recipe.ron", "-o", "job.sapobj"];
    workshop.json(&build).fails_with(6, "IMP-1030");
    workshop.write("job/application.elf", NRF52.firmware("elf"));
    workshop
        .json(&["script", "check", "job/main.rhai", "--device", NRF52.device])
        .passes();
    workshop.json(&build).passes();
    let image = workshop.seal("job", &[]);
    let (run, flash) = workshop.flash_after(&image, &NRF52);
    let firmware = NRF52.firmware("bin");
    assert_eq!(flash[..firmware.len()], firmware);
    assert_eq!(flash[0x70000..][..table.len()], table);
    assert_eq!(run.report().device, NRF52.device);
    let steps: Vec<String> = run
        .report()
        .steps
        .into_iter()
        .map(|step| step.name)
        .collect();
    // A blank chip is not erased again, and the reset comes before GO.
    for step in ["connect", "program", "verify", "reset"] {
        assert!(
            steps.iter().any(|it| it.contains(step)),
            "{step}: {steps:?}"
        );
    }
}

#[test]
fn another_device_and_its_option_memory() {
    let workshop = Workshop::new();
    let job =
        "CM stm32f103c8.arp 08000000\nSS app.s19\nEM\nPM\nVM\nCM stm32f1_option.arp 1FFFF800\nBM\n";
    workshop.write("app.s19", F103.firmware("srec"));
    workshop.write("job.cfg", job);
    // Without -o the folder is called after the file.
    workshop
        .json(&["import", "job.cfg", "--device", F103.device])
        .passes();
    let script = String::from_utf8(workshop.read("job/main.rhai")).unwrap();
    assert!(
        script.contains("ensure(chip.memory(\"options\").is_blank()"),
        "{script}"
    );
    workshop
        .json(&["build", "job/recipe.ron", "-o", "job.sapobj"])
        .passes();
    let image = workshop.seal("job", &[]);
    let report = workshop
        .run(&image, &format!("twin:{}", F103.device))
        .report();
    // Option bytes come programmed from the factory: the blank check of that memory finds them.
    let failure = report.failure.unwrap();
    assert_eq!(failure.code, "IMP-3010", "{failure}");
    assert!(
        report
            .steps
            .iter()
            .any(|step| step.name == "verify" && step.ok)
    );
}

#[test]
fn what_is_missing_stops_before_the_target() {
    let workshop = Workshop::new();
    workshop.write(
        "job.cfg",
        "CM a.arp 0\nQO app.elf\nEN\nPM\nCS sn.ser\nPS\nPT\nVV $4977\n:KEEPPOWERON 1\n",
    );
    workshop.write("app.elf", NRF52.firmware("elf"));
    workshop.write("sn.ser", "{}");
    let import = ["import", "job.cfg", "--device", NRF52.device];
    let run = workshop.json(&import).passes();
    let codes: Vec<String> = findings(&run)
        .into_iter()
        .map(|(line, code, _)| format!("{line} {code}"))
        .collect();
    assert_eq!(
        codes,
        [
            "1 IMP-1168",
            "5 IMP-1165",
            "6 IMP-1165",
            "7 IMP-1161",
            "8 IMP-1161",
            "9 IMP-1162"
        ]
    );
    assert_eq!(run.json()["complete"], false);
    assert!(workshop.path("job/sn.serial.ron").exists());
    // For people the same, with what to do.
    let text = workshop
        .imprint(&["import", "job.cfg", "--device", NRF52.device, "-o", "again"])
        .passes();
    for part in [
        "line 7, `PT`: not carried over [IMP-1161]",
        "by hand: ",
        "again/main.rhai, which refuses to run",
    ] {
        assert!(text.stderr.contains(part), "{part}\n{text}");
    }
    workshop
        .json(&["build", "job/recipe.ron", "-o", "job.sapobj"])
        .passes();
    let image = workshop.seal("job", &[]);
    let report = workshop
        .run(&image, &format!("twin:{}", NRF52.device))
        .report();
    let failure = report.failure.unwrap();
    assert_eq!(failure.code, "IMP-3010");
    assert!(failure.message.contains("lines 5, 6, 7, 8, 9"), "{failure}");
    assert_eq!((report.steps.len(), report.transfer_count), (0, 0));
}

#[test]
fn nothing_that_is_there_is_replaced() {
    let workshop = Workshop::without_plugins();
    workshop.write("job.cfg", "CM a.arp 0\nQO app.elf\n");
    workshop.write("app.elf", "firmware");
    let import = ["import", "job.cfg", "--device", NRF52.device];
    for file in ["recipe.ron", "main.rhai", "app.elf"] {
        let _ = std::fs::remove_dir_all(workshop.path("job"));
        workshop.write(&format!("job/{file}"), "mine");
        let before = workshop.snapshot();
        let failure = workshop.json(&import).fails_with(2, "IMP-9002");
        assert!(
            failure.message.contains(&format!("job/{file}")),
            "{failure}"
        );
        let differences = before.differences(&workshop.snapshot());
        assert!(differences.is_empty(), "{file}: {differences:?}");
    }
    // The same again is no harm.
    let _ = std::fs::remove_dir_all(workshop.path("job"));
    workshop.json(&import).passes();
    workshop.json(&import).passes();
    // Into the folder of the file itself: the firmware stays where it is.
    workshop.json(&["import", "job.cfg", "-o", "."]).passes();
    assert_eq!(workshop.read("app.elf"), b"firmware");
}

#[test]
fn files_of_elsewhere_are_named_and_not_read() {
    let workshop = Workshop::without_plugins();
    workshop.write("secret.elf", "secret");
    workshop.write(
        "in/job.cfg",
        "CM a.arp 0\nQO ../secret.elf\nQO /etc/hostname\nQO C:\\x\\gone.s19\n",
    );
    let run = workshop
        .json(&[
            "import",
            "in/job.cfg",
            "-o",
            "out",
            "--device",
            NRF52.device,
        ])
        .passes();
    let files = run.json()["files"].as_array().unwrap().clone();
    assert!(files.iter().all(|file| file["is_there"] == false), "{run}");
    assert_eq!(std::fs::read_dir(workshop.path("out")).unwrap().count(), 2);
}

#[test]
fn what_is_no_script_is_refused() {
    let workshop = Workshop::without_plugins();
    workshop.write("empty.cfg", "; nothing\n");
    workshop.write("large.cfg", vec![b'x'; (256 << 10) + 1]);
    workshop.write("job.cfg", "CM a.arp 0\n");
    for (arguments, exit, code) in [
        (&["import", "empty.cfg"][..], 6, "IMP-1155"),
        (&["import", "large.cfg"], 6, "IMP-1150"),
        (&["import", "gone.cfg"], 8, "IMP-9010"),
        (&["import", "job.cfg", "--device", "nRF52"], 6, "IMP-6003"),
        (&["import", "job.cfg", "--param", "1=x"], 6, "IMP-1153"),
        (&["import", "job.cfg", "--param", "x"], 2, "IMP-9001"),
        (
            &["import", "job.cfg", "--param", "1=x", "--param", "1=y"],
            2,
            "IMP-9001",
        ),
    ] {
        let before = workshop.snapshot();
        workshop.json(arguments).fails_with(exit, code);
        let differences = before.differences(&workshop.snapshot());
        assert!(differences.is_empty(), "{arguments:?}: {differences:?}");
    }
}
