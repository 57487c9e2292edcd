//! Cancel, deadline, a target that vanishes, and the record of the wire.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Bench, FLASH, RAM, noise};
use imprint_target::{
    AttachMode, CancelToken, Control, FaultPlan, Progress, Segment, Step, Target, TargetError,
    WireFault,
};
use imprint_twin::Fault;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

fn unit(target: &mut Target, firmware: &[u8]) -> Result<(), TargetError> {
    let segments = [Segment {
        address: FLASH,
        data: firmware,
    }];
    target.flash().erase_range(FLASH, firmware.len() as u64)?;
    target.flash().program(&segments)?;
    target.flash().verify_crc(&segments)?;
    target.reset()
}

fn attach_with(bench: &Bench, control: Control) -> Result<Target, TargetError> {
    bench.try_attach(bench.link(), control, AttachMode::Running)
}

#[test]
fn a_progress_callback_can_cancel() {
    for (step, at) in [
        (Step::Erase, 3),
        (Step::Program, 5),
        (Step::Verify, 1),
        (Step::BlankCheck, 0),
    ] {
        let bench = Bench::new();
        let firmware = noise(0x1_1000, 1);
        let control = Control {
            cancel: CancelToken::new(),
            budget: None,
        };
        let mut target = attach_with(&bench, control.clone()).unwrap();
        let mut count = 0;
        let mut on_progress = |progress: Progress| {
            if progress.step == step {
                if count == at {
                    control.cancel.cancel();
                }
                count += 1;
            }
        };
        let segments = [Segment {
            address: FLASH,
            data: &firmware,
        }];
        let mut flash = target.flash().with_progress(&mut on_progress);
        let result = flash
            .erase_range(FLASH, 0x1_1000)
            .and_then(|()| flash.check_blank(FLASH, 0x1_1000))
            .and_then(|()| flash.program(&segments))
            .and_then(|()| flash.verify_crc(&segments));
        assert_eq!(result, Err(TargetError::Cancelled), "{step}");
        // It stays so, and the target can still be left properly and had again.
        assert_eq!(target.read_word(RAM), Err(TargetError::Cancelled));
        let link = target.detach();
        let mut target = bench
            .try_attach(link, Control::default(), AttachMode::Running)
            .unwrap();
        unit(&mut target, &firmware).unwrap();
    }
}

#[test]
fn another_thread_can_cancel() {
    let bench = Bench::new();
    let control = Control {
        cancel: CancelToken::new(),
        budget: None,
    };
    let mut target = attach_with(&bench, control.clone()).unwrap();
    let (started, go) = std::sync::mpsc::channel();
    let cancel = control.cancel.clone();
    let other = std::thread::spawn(move || {
        go.recv().unwrap();
        cancel.cancel();
    });
    let mut started = Some(started);
    let mut on_progress = |_| {
        if let Some(started) = started.take() {
            started.send(()).unwrap();
        }
    };
    let mut flash = target.flash().with_progress(&mut on_progress);
    // Far longer than the other thread takes to wake up.
    let result = (0..100_000).try_for_each(|_| flash.erase_range(FLASH, 0x1_0000));
    assert_eq!(result, Err(TargetError::Cancelled));
    other.join().unwrap();
    assert_eq!(target.delay(Duration::ZERO), Err(TargetError::Cancelled));
    assert_eq!(target.check(), Err(TargetError::Cancelled));
}

#[test]
fn the_budget_ends_a_unit_wherever_it_is() {
    let firmware = noise(0x4000, 2);
    let bench = Bench::new();
    unit(&mut bench.attach(), &firmware).unwrap();
    let whole_ms = bench.now_ns() / 1_000_000;
    for part in 0..20 {
        let bench = Bench::new();
        let budget = Duration::from_millis(whole_ms * part / 20);
        let control = Control {
            cancel: CancelToken::new(),
            budget: Some(budget),
        };
        let result =
            attach_with(&bench, control).and_then(|mut target| unit(&mut target, &firmware));
        assert_eq!(
            result,
            Err(TargetError::OutOfTime {
                budget_ms: whole_ms * part / 20
            })
        );
        // Ends within a slice of a pause.
        assert!(bench.now_ns() / 1_000_000 < whole_ms * part / 20 + 20);
    }
}

#[test]
fn a_delay_is_virtual_and_ends_with_the_budget() {
    let bench = Bench::new();
    let control = Control {
        cancel: CancelToken::new(),
        budget: Some(Duration::from_secs(3600)),
    };
    let mut target = attach_with(&bench, control).unwrap();
    let before = target.now().virtual_ns.unwrap();
    target.delay(Duration::from_secs(3000)).unwrap();
    assert_eq!(target.now().virtual_ns.unwrap() - before, 3_000_000_000_000);
    let error = target.delay(Duration::from_secs(3000)).unwrap_err();
    assert_eq!(
        error,
        TargetError::OutOfTime {
            budget_ms: 3_600_000
        }
    );
}

/// Transfers of a whole unit, as the board counts them.
fn whole_unit_transfers(firmware: &[u8]) -> u64 {
    let bench = Bench::new();
    unit(&mut bench.attach(), firmware).unwrap();
    let board = bench.board.lock().unwrap();
    board.statistics().transfers
}

#[test]
fn a_target_that_vanishes_is_a_clean_error() {
    let firmware = noise(2000, 3);
    let whole = whole_unit_transfers(&firmware);
    let mut steps = std::collections::BTreeSet::new();
    // Every transfer of the attach, and a step of 13 through the rest.
    for transfer in (1..400).chain((400..whole).step_by(13)) {
        let bench = Bench::with_faults(&[Fault::Vanish { transfer }]);
        let result = attach_with(&bench, Control::default())
            .and_then(|mut target| unit(&mut target, &firmware));
        match result.unwrap_err() {
            TargetError::NoTarget { .. } => steps.insert("none".to_string()),
            TargetError::Lost { step, changed, .. } => {
                match step {
                    Step::Attach => assert!(changed.is_empty(), "{changed}"),
                    Step::Program | Step::Verify => assert!(!changed.erased.is_empty()),
                    _ => {}
                }
                steps.insert(step.to_string())
            }
            error => panic!("transfer {transfer}: {error}"),
        };
        // Nothing waits for long for a target that is gone.
        assert!(
            bench.now_ns() < 2_000_000_000,
            "transfer {transfer}: {} ns",
            bench.now_ns()
        );
    }
    let expect = ["access", "attach", "erase", "none", "program", "verify"].map(String::from);
    assert_eq!(steps, expect.into());
}

#[test]
fn a_lost_target_says_what_was_changed() {
    let firmware = noise(0x2000, 4);
    let bench = Bench::new();
    let mut link = bench.link();
    // A transfer in the middle of programming, found by counting an undisturbed unit.
    link.inject(FaultPlan {
        at_transfer: 2000,
        fault: WireFault::NoAnswer,
        stays: true,
    });
    let mut target = bench
        .try_attach(link, Control::default(), AttachMode::Running)
        .unwrap();
    let mut result = Ok(());
    while result.is_ok() {
        result = unit(&mut target, &firmware);
    }
    let Err(TargetError::Lost {
        changed, address, ..
    }) = result
    else {
        panic!("{result:?}");
    };
    assert_eq!(&changed, target.changes());
    assert_eq!(changed.erased[0], FLASH..FLASH + 0x2000);
    assert!((FLASH..FLASH + 0x2000).contains(&address), "{address:#x}");
}

/// One fault somewhere in a unit: it ends well or with a code, never otherwise.
#[test]
fn single_faults_are_errors_with_a_code() {
    let firmware = noise(1500, 5);
    let whole = whole_unit_transfers(&firmware);
    for fault in [WireFault::Fault, WireFault::Wait, WireFault::NoAnswer] {
        for at_transfer in (0..whole).step_by(17) {
            let bench = Bench::new();
            let mut link = bench.link();
            link.inject(FaultPlan {
                at_transfer,
                fault,
                stays: false,
            });
            let target = bench.try_attach(link, Control::default(), AttachMode::Running);
            let result = target.and_then(|mut target| unit(&mut target, &firmware));
            if let Err(error) = result {
                assert!(
                    error.code().starts_with("IMP-40"),
                    "{fault:?} at {at_transfer}: {error}"
                );
            } else {
                assert!(bench.peek(FLASH, firmware.len()) == firmware);
            }
        }
    }
}

#[test]
fn a_wait_that_outlasts_the_probe_is_an_error_and_no_more() {
    let firmware = noise(1500, 6);
    let bench = Bench::with_faults(&[Fault::Wait {
        transfer: 600,
        // One more than the probe repeats (imprint_twin::limits::WAIT_RETRY_COUNT).
        count: 0x1_0000,
    }]);
    let mut target = bench.attach();
    let error = unit(&mut target, &firmware).unwrap_err();
    assert!(matches!(error, TargetError::Busy { .. }), "{error}");
    unit(&mut target, &firmware).unwrap();
    assert!(bench.peek(FLASH, firmware.len()) == firmware);
}

#[test]
fn the_transcript_has_a_line_a_transfer() {
    let bench = Bench::new();
    let lines = Arc::new(Mutex::new(Vec::<String>::new()));
    let sink = lines.clone();
    let mut link = bench.link();
    link.record_transcript(move |line| sink.lock().unwrap().push(line.into()));
    let mut target = bench
        .try_attach(link, Control::default(), AttachMode::Running)
        .unwrap();
    target.write(RAM, &noise(64, 6)).unwrap();
    target.read(RAM + 0x4000, &mut [0; 4]).unwrap_err();
    let lines = lines.lock().unwrap();
    // Clock, supply and pauses are no transfers.
    let others = [" clock ", " voltage ", " pass "];
    let is_other = |line: &&String| others.iter().any(|other| line.contains(other));
    let count = lines.len() - lines.iter().filter(is_other).count();
    assert_eq!(count as u64, target.transfer_count());
    let times: Vec<f64> = lines
        .iter()
        .map(|line| line.split_whitespace().next().unwrap().parse().unwrap())
        .collect();
    assert!(times.windows(2).all(|pair| pair[0] <= pair[1]));
    let has = |text: &str| {
        assert!(
            lines.iter().any(|line| line.contains(text)),
            "no `{text}` in {lines:#?}"
        )
    };
    has("clock 4000 = 4000");
    has("voltage = none");
    has("line 54 bits 0x7ffffffffffff");
    has("dp.read 0x0 = 0x2ba01477");
    has("ap.write 0xc x16 = ");
    has("ap.write 0x4 = 0x20000000");
    has("ap.read 0xc ! Fault");
}
