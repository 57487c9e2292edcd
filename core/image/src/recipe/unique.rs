//! Maps and sets in which a repeated key is an error, not the last word.

use crate::limits::ENTRY_COUNT_MAX;
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Display},
    marker::PhantomData,
};

/// Reads a map.
pub(super) fn map<'de, D, K, V>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord + Display,
    V: Deserialize<'de>,
{
    deserializer.deserialize_map(MapOf(PhantomData))
}

/// Reads a set.
pub(super) fn set<'de, D, K>(deserializer: D) -> Result<BTreeSet<K>, D::Error>
where
    D: Deserializer<'de>,
    K: Deserialize<'de> + Ord + Display,
{
    deserializer.deserialize_seq(SetOf(PhantomData))
}

struct MapOf<K, V>(PhantomData<(K, V)>);

struct SetOf<K>(PhantomData<K>);

impl<'de, K, V> Visitor<'de> for MapOf<K, V>
where
    K: Deserialize<'de> + Ord + Display,
    V: Deserialize<'de>,
{
    type Value = BTreeMap<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some(key) = access.next_key::<K>()? {
            check_new(map.contains_key(&key), &key, map.len())?;
            map.insert(key, access.next_value()?);
        }
        Ok(map)
    }
}

impl<'de, K> Visitor<'de> for SetOf<K>
where
    K: Deserialize<'de> + Ord + Display,
{
    type Value = BTreeSet<K>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut set = BTreeSet::new();
        while let Some(key) = access.next_element::<K>()? {
            check_new(set.contains(&key), &key, set.len())?;
            set.insert(key);
        }
        Ok(set)
    }
}

fn check_new<E: Error>(known: bool, key: &impl Display, count: usize) -> Result<(), E> {
    if known {
        return Err(E::custom(format!("`{key}` is given twice")));
    }
    if count == ENTRY_COUNT_MAX {
        return Err(E::custom(format!("more than {ENTRY_COUNT_MAX} entries")));
    }
    Ok(())
}
