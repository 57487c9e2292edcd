//! The worker's side of the gate: it asks its client, and waits a bounded time for the answer.

use super::{
    limits::{GATE_TIME, TICK},
    request::Message,
    serve::Messages,
};
use crate::{
    codes,
    gate::{Gate, Permit},
    report::{Failure, to_hex},
};
use imprint_target::CancelToken;
use std::{
    io::Write,
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Instant,
};

/// What a client answered.
pub(super) type Answer = Result<Permit, Failure>;

/// A gate at the other end of the line.
pub(super) struct RemoteGate<W> {
    pub(super) messages: Messages<W>,
    /// What the client answers. Closed when the client is gone.
    pub(super) answers: Receiver<Answer>,
    pub(super) cancel: CancelToken,
    /// When the unit's time is over.
    pub(super) end_of_unit: Instant,
}

impl<W: Write + Send> Gate for RemoteGate<W> {
    fn open(&mut self, uid: Option<&[u8]>) -> Result<Permit, Failure> {
        // An answer that nobody asked for is none.
        while self.answers.try_recv().is_ok() {}
        let began = Instant::now();
        self.messages.tell(&Message::Gate {
            uid: uid.map(to_hex),
        })?;
        loop {
            match self.answers.recv_timeout(TICK) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Disconnected) => return Err(cancelled()),
                Err(RecvTimeoutError::Timeout) if self.cancel.is_cancelled() => {
                    return Err(cancelled());
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            let now = Instant::now();
            if now > self.end_of_unit {
                return Err(Failure::new(
                    codes::UNIT_TIME,
                    "the unit's time was over before it was permitted",
                )
                .with_help(
                    "raise `unit_time_ms` in the recipe, or find why the permit takes so long",
                ));
            }
            if now > began + GATE_TIME {
                return Err(Failure::new(
                    codes::GATE_SILENT,
                    format!("no permit came within {} s", GATE_TIME.as_secs()),
                )
                .with_help(
                    "the target was not changed; check the place that counts units, and run again",
                ));
            }
        }
    }
}

fn cancelled() -> Failure {
    Failure::new(codes::CANCELLED, "the unit was cancelled")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::{
        sync::mpsc::{SyncSender, sync_channel},
        time::Duration,
    };

    /// A gate whose client has not answered, and what it answers with.
    fn gate(end_of_unit: Instant) -> (RemoteGate<Vec<u8>>, SyncSender<Answer>) {
        let (sender, answers) = sync_channel(1);
        let gate = RemoteGate {
            messages: Messages::new(Vec::new()),
            answers,
            cancel: CancelToken::new(),
            end_of_unit,
        };
        (gate, sender)
    }

    fn later() -> Instant {
        Instant::now() + Duration::from_secs(600)
    }

    #[test]
    fn whoever_does_not_answer_is_not_waited_for() {
        let code = |gate: &mut RemoteGate<_>| gate.open(None).unwrap_err().code;
        // The unit's time is over.
        let (mut overdue, _client) = gate(Instant::now());
        assert_eq!(code(&mut overdue), codes::UNIT_TIME);
        // The client is gone.
        let (mut alone, client) = gate(later());
        drop(client);
        assert_eq!(code(&mut alone), codes::CANCELLED);
        // Somebody cancels meanwhile.
        let (mut cancelled, _client) = gate(later());
        let cancel = cancelled.cancel.clone();
        let thread = std::thread::spawn(move || cancel.cancel());
        assert_eq!(code(&mut cancelled), codes::CANCELLED);
        thread.join().unwrap();
    }

    #[test]
    fn an_answer_before_the_question_counts_for_nothing() {
        let (mut gate, client) = gate(Instant::now() + Duration::from_millis(50));
        client.send(Ok(Permit::default())).unwrap();
        assert_eq!(gate.open(None).unwrap_err().code, codes::UNIT_TIME);
    }

    #[test]
    fn the_identifier_is_told_and_the_answer_given() {
        let (mut gate, client) = gate(later());
        let asked = gate.messages.clone();
        let answer = std::thread::spawn(move || {
            while asked.written().is_empty() {
                std::thread::yield_now();
            }
            let refusal = Failure::new("IMP-8103", "no number is left");
            client.send(Err(refusal)).unwrap();
        });
        let failure = gate.open(Some(&[0x12, 0xAB])).unwrap_err();
        assert_eq!(failure.code, "IMP-8103");
        answer.join().unwrap();
        let line = String::from_utf8(gate.messages.written()).unwrap();
        assert_eq!(line, "{\"gate\":{\"uid\":\"12ab\"}}\n");
    }
}
