//! The words of UICR by name: nRF51 Series Reference Manual 8.2, nRF52832 Product Specification 13.

use crate::series::{Series, UICR};
use imprint_plugin::{Error, Named, Result};

/// Which generation has a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Nrf51,
    Nrf52,
    Both,
}

struct Word {
    name: &'static str,
    offset: u64,
    on: On,
}

/// Address of the word `name` on a chip of `series`.
pub fn address(series: Series, name: &str) -> Result<u64> {
    let word = WORDS
        .iter()
        .find(|word| word.name == name)
        .ok_or_else(|| Error::invalid_argument(format!("this family has no option `{name}`")))?;
    let is_there = match word.on {
        On::Both => true,
        On::Nrf51 => series == Series::Nrf51,
        On::Nrf52 => series == Series::Nrf52,
    };
    if is_there {
        Ok(UICR + word.offset)
    } else {
        Err(Error::unsupported(format!(
            "this device has no option `{name}`"
        )))
    }
}

/// Makes the list that is shown and the list that is searched from one table.
macro_rules! words {
    ($($name:literal $offset:literal $on:ident $summary:literal;)+) => {
        /// The options of the family.
        pub const OPTIONS: &[Named] = &[$(Named::new($name, $summary)),+];
        const WORDS: &[Word] = &[$(Word { name: $name, offset: $offset, on: On::$on }),+];
    };
}

words! {
    "CLENR0" 0x000 Nrf51 "Length of code region 0";
    "RBPCONF" 0x004 Nrf51 "Readback protection: PR0 in bits 7:0, PALL in bits 15:8, 0xFF is open";
    "XTALFREQ" 0x008 Nrf51 "Crystal: 0xFF 16 MHz, 0x00 32 MHz";
    "FWID" 0x010 Nrf51 "Firmware id";
    "NRFFW0" 0x014 Both "Reserved for Nordic's firmware";
    "NRFFW1" 0x018 Both "Reserved for Nordic's firmware";
    "NRFFW2" 0x01c Both "Reserved for Nordic's firmware";
    "NRFFW3" 0x020 Both "Reserved for Nordic's firmware";
    "NRFFW4" 0x024 Both "Reserved for Nordic's firmware";
    "NRFFW5" 0x028 Both "Reserved for Nordic's firmware";
    "NRFFW6" 0x02c Both "Reserved for Nordic's firmware";
    "NRFFW7" 0x030 Both "Reserved for Nordic's firmware";
    "NRFFW8" 0x034 Both "Reserved for Nordic's firmware";
    "NRFFW9" 0x038 Both "Reserved for Nordic's firmware";
    "NRFFW10" 0x03c Both "Reserved for Nordic's firmware";
    "NRFFW11" 0x040 Both "Reserved for Nordic's firmware";
    "NRFFW12" 0x044 Both "Reserved for Nordic's firmware";
    "NRFFW13" 0x048 Both "Reserved for Nordic's firmware";
    "NRFFW14" 0x04c Both "Reserved for Nordic's firmware";
    "NRFHW0" 0x050 Both "Reserved for Nordic's hardware";
    "NRFHW1" 0x054 Both "Reserved for Nordic's hardware";
    "NRFHW2" 0x058 Both "Reserved for Nordic's hardware";
    "NRFHW3" 0x05c Both "Reserved for Nordic's hardware";
    "NRFHW4" 0x060 Both "Reserved for Nordic's hardware";
    "NRFHW5" 0x064 Both "Reserved for Nordic's hardware";
    "NRFHW6" 0x068 Both "Reserved for Nordic's hardware";
    "NRFHW7" 0x06c Both "Reserved for Nordic's hardware";
    "NRFHW8" 0x070 Both "Reserved for Nordic's hardware";
    "NRFHW9" 0x074 Both "Reserved for Nordic's hardware";
    "NRFHW10" 0x078 Both "Reserved for Nordic's hardware";
    "NRFHW11" 0x07c Both "Reserved for Nordic's hardware";
    "CUSTOMER0" 0x080 Both "For the customer";
    "CUSTOMER1" 0x084 Both "For the customer";
    "CUSTOMER2" 0x088 Both "For the customer";
    "CUSTOMER3" 0x08c Both "For the customer";
    "CUSTOMER4" 0x090 Both "For the customer";
    "CUSTOMER5" 0x094 Both "For the customer";
    "CUSTOMER6" 0x098 Both "For the customer";
    "CUSTOMER7" 0x09c Both "For the customer";
    "CUSTOMER8" 0x0a0 Both "For the customer";
    "CUSTOMER9" 0x0a4 Both "For the customer";
    "CUSTOMER10" 0x0a8 Both "For the customer";
    "CUSTOMER11" 0x0ac Both "For the customer";
    "CUSTOMER12" 0x0b0 Both "For the customer";
    "CUSTOMER13" 0x0b4 Both "For the customer";
    "CUSTOMER14" 0x0b8 Both "For the customer";
    "CUSTOMER15" 0x0bc Both "For the customer";
    "CUSTOMER16" 0x0c0 Both "For the customer";
    "CUSTOMER17" 0x0c4 Both "For the customer";
    "CUSTOMER18" 0x0c8 Both "For the customer";
    "CUSTOMER19" 0x0cc Both "For the customer";
    "CUSTOMER20" 0x0d0 Both "For the customer";
    "CUSTOMER21" 0x0d4 Both "For the customer";
    "CUSTOMER22" 0x0d8 Both "For the customer";
    "CUSTOMER23" 0x0dc Both "For the customer";
    "CUSTOMER24" 0x0e0 Both "For the customer";
    "CUSTOMER25" 0x0e4 Both "For the customer";
    "CUSTOMER26" 0x0e8 Both "For the customer";
    "CUSTOMER27" 0x0ec Both "For the customer";
    "CUSTOMER28" 0x0f0 Both "For the customer";
    "CUSTOMER29" 0x0f4 Both "For the customer";
    "CUSTOMER30" 0x0f8 Both "For the customer";
    "CUSTOMER31" 0x0fc Both "For the customer";
    "PSELRESET0" 0x200 Nrf52 "Pin of the reset line, first copy";
    "PSELRESET1" 0x204 Nrf52 "Pin of the reset line, second copy";
    "APPROTECT" 0x208 Nrf52 "Access port protection: 0xFF in bits 7:0 is open";
    "NFCPINS" 0x20c Nrf52 "Pins of the antenna: bit 0 is 0 for use as GPIO";
}
