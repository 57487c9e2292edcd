//! Consistent overhead byte stuffing (Cheshire and Baker, 1999): frames without a zero, so that zero ends one.

use super::ServeError;

/// The longest run of bytes behind one code.
const RUN_LEN_MAX: usize = 254;

/// Takes the stuffing out of a frame, which has no zero.
pub(super) fn decode(frame: &[u8]) -> Result<Vec<u8>, ServeError> {
    let mut bytes = Vec::with_capacity(frame.len());
    let mut rest = frame;
    while let Some((&code, after)) = rest.split_first() {
        let run_len = usize::from(code).wrapping_sub(1);
        let Some((run, after)) = after.split_at_checked(run_len) else {
            return Err(ServeError::Frame {
                what: "a code points behind its end",
            });
        };
        bytes.extend_from_slice(run);
        if run_len < RUN_LEN_MAX && !after.is_empty() {
            bytes.push(0);
        }
        rest = after;
    }
    Ok(bytes)
}

/// Adds a frame of `bytes`, and the zero that ends it.
pub(super) fn encode(bytes: &[u8], frame: &mut Vec<u8>) {
    let mut rest = bytes;
    loop {
        let run_len = rest.iter().take(RUN_LEN_MAX).take_while(|byte| **byte != 0);
        let (run, after) = rest.split_at(run_len.count());
        frame.push(run.len() as u8 + 1);
        frame.extend_from_slice(run);
        rest = match after.split_first() {
            None => break,
            // A full run stands for no zero.
            Some(_) if run.len() == RUN_LEN_MAX => after,
            Some((_, after)) => after,
        };
    }
    frame.push(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_the_paper() {
        let counted: Vec<u8> = (1..=255).collect();
        for (bytes, frame) in [
            (vec![0], vec![1, 1, 0]),
            (vec![0, 0], vec![1, 1, 1, 0]),
            (vec![1, 2, 0, 3], vec![3, 1, 2, 2, 3, 0]),
            (vec![1, 0, 0, 0], vec![2, 1, 1, 1, 1, 0]),
            (
                counted[..254].to_vec(),
                [&[255], &counted[..254], &[0]].concat(),
            ),
            (
                counted.clone(),
                [&[255], &counted[..254], &[2, 255, 0]].concat(),
            ),
            (
                [&counted[..254], &[0][..]].concat(),
                [&[255], &counted[..254], &[1, 1, 0]].concat(),
            ),
        ] {
            let mut found = Vec::new();
            encode(&bytes, &mut found);
            assert_eq!(found, frame, "{bytes:?}");
            assert_eq!(decode(&frame[..frame.len() - 1]), Ok(bytes));
        }
    }

    #[test]
    fn frames_that_are_cut() {
        for frame in [&[2][..], &[3, 1], &[255, 1, 2]] {
            let error = decode(frame).unwrap_err();
            assert_eq!(error.code(), "IMP-7111", "{frame:?}");
        }
    }
}
