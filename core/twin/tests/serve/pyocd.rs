//! Requests of pyOCD.

use super::Client;
use crate::common::RAM;
use imprint_twin::serve::Protocol;
use serde_json::{Value, json};

impl Client {
    fn request(&mut self, request: &str, arguments: Value) -> Value {
        let line = json!({ "id": 7, "request": request, "arguments": arguments });
        self.line(&line.to_string())
    }

    fn line(&mut self, line: &str) -> Value {
        let answer = self.send(format!("{line}\n").as_bytes());
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer["id"], 7);
        answer
    }

    fn result(&mut self, request: &str, arguments: Value) -> Value {
        let answer = self.request(request, arguments);
        assert_eq!(answer["status"], 0, "{answer}");
        answer["result"].clone()
    }
}

/// What pyOCD does to reach the port.
pub fn connect(client: &mut Client) -> u64 {
    assert_eq!(client.result("hello", json!([1])), Value::Null);
    client.result("open", json!([]));
    client.result("connect", json!(["SWD"]));
    for (len, bits) in [
        (51, u64::MAX >> 13),
        (16, 0xE79E),
        (51, u64::MAX >> 13),
        (8, 0),
    ] {
        client.result("swj_sequence", json!([len, bits]));
    }
    let id = client.result("read_dp", json!([0]));
    client.result("write_dp", json!([0, 0x1E]));
    client.result("write_dp", json!([8, 0]));
    client.result("write_dp", json!([4, 0x5000_0000_u32]));
    client.result("write_ap", json!([0, 0x2300_0012]));
    id.as_u64().unwrap()
}

fn connected() -> Client {
    let mut client = Client::new(Protocol::Pyocd, &[]);
    assert_eq!(connect(&mut client), 0x2BA0_1477);
    client
}

#[test]
fn registers_and_blocks() {
    let mut client = connected();
    client.result("write_ap", json!([4, RAM]));
    // pyOCD counts on its probe to cut what has more than 32 bits.
    client.result(
        "write_ap_multiple",
        json!([0xC, [1, 0x1_0000_0002_u64, -1]]),
    );
    client.result("write_ap", json!([4, RAM]));
    assert_eq!(client.result("read_ap", json!([0xC])), 1);
    let block = client.result("read_ap_multiple", json!([0xC, 2]));
    assert_eq!(block, json!([2, u32::MAX]));
}

/// pyOCD wakes a dormant port with 136 bits, which were once refused.
#[test]
fn a_sequence_has_up_to_256_bits() {
    let mut client = connected();
    let alert = "{\"id\":7,\"request\":\"swj_sequence\",\"arguments\":[136,8757030032190802792567494178692171797247]}";
    assert_eq!(client.line(alert)["status"], 0);
    let longer = client.request("swj_sequence", json!([257, 0]));
    assert_eq!(longer["status"], 1);
    let wrong = client.request("swj_sequence", json!([8, -1]));
    assert_eq!(wrong["status"], 1);
    // The switch in one piece: 51 ones, 16 bits of the sequence, 51 ones, 8 zeros.
    let low = format!(
        "{}",
        (0xE79E_u128 << 51) | ((1 << 51) - 1) | (((1_u128 << 51) - 1) << 67)
    );
    let line = format!("{{\"id\":7,\"request\":\"swj_sequence\",\"arguments\":[126,{low}]}}");
    assert_eq!(client.line(&line)["status"], 0);
    assert_eq!(client.result("read_dp", json!([0])), 0x2BA0_1477);
    assert_eq!(client.result("is_reset_asserted", json!([])), false);
    client.result("assert_reset", json!([true]));
    assert_eq!(client.result("is_reset_asserted", json!([])), true);
    client.result("assert_reset", json!([false]));
    client.result("reset", json!([]));
    assert_eq!(client.result("is_reset_asserted", json!([])), false);
}

#[test]
fn failures_have_their_class() {
    let mut client = connected();
    client.result("write_ap", json!([4, 0x3000_0000]));
    for (request, arguments, status) in [
        ("read_ap", json!([0xC]), 12),
        ("read_ap", json!([0xC]), 12),
        ("write_ap_multiple", json!([0xC, [1, 2]]), 12),
        ("hello", json!([2]), 1),
        ("hello", json!([]), 1),
        ("read_dp", json!(["0"]), 1),
        ("read_ap_multiple", json!([0xC, 1_000_000]), 1),
        ("connect", json!(["JTAG"]), 3),
        ("readprop", json!(["colour"]), 1),
        ("swo_start", json!([1_000_000]), 1),
    ] {
        let answer = client.request(request, arguments);
        assert_eq!(answer["status"], status, "{request}: {answer}");
        assert!(answer["error"].is_string(), "{answer}");
    }
    client.result("write_dp", json!([0, 4]));
    client.result("write_ap", json!([4, RAM]));
    assert!(client.result("read_ap", json!([0xC])).is_u64());
    let mut gone = Client::new(Protocol::Pyocd, &["no-target"]);
    assert_eq!(gone.request("read_dp", json!([0]))["status"], 10);
    let mut slow = Client::new(Protocol::Pyocd, &["wait@1x70000"]);
    assert_eq!(slow.request("read_dp", json!([0]))["status"], 11);
}
