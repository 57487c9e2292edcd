//! Reads a vector from its files alone.

use crate::folder;
use imprint_image::{
    Image, ImageError, KeyFile, PublicKey, SigningKey, StationPublic, StationSecret, TrustAnchors,
    Unlock,
    container::Share,
    keys::{KeyError, Kind, LockedKey, RootDocument, RootError, SecretKey},
};
use std::{fs, io::Cursor, path::PathBuf};

/// The object id, where there is one; or the code, and why.
pub type Found = Result<Option<String>, (&'static str, String)>;

/// The text of a vector.
pub struct Text {
    path: PathBuf,
    fields: Vec<(String, String)>,
}

impl Text {
    pub fn load(name: &str) -> Text {
        let path = folder().join(name);
        let text = fs::read_to_string(&path).unwrap();
        let field = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_owned(), value.trim_start().to_owned())
        };
        let fields = text.lines().map(field).collect();
        Text { path, fields }
    }

    /// All values of a field.
    fn each<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let fields = self.fields.iter().filter(move |field| field.0 == name);
        fields.map(|field| &*field.1)
    }

    /// The value of a field, if it is there.
    pub fn one<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.each(name).next()
    }

    pub fn expect(&self) -> &str {
        self.one("expect").unwrap()
    }

    pub fn read(&self) -> Found {
        let file = |ending: &str| self.path.with_extension(ending);
        let ending = ["sap", "job", "root", "key"];
        match ending.into_iter().find(|it| file(it).exists()).unwrap() {
            "root" => {
                let bytes = fs::read(file("root")).unwrap();
                let read = self.read_root(&bytes);
                read.map(|_| None).map_err(|it| (it.code(), it.to_string()))
            }
            "key" => {
                let read = self.read_key(file("key"));
                read.map(|()| None)
                    .map_err(|it| (it.code(), it.to_string()))
            }
            image => {
                let bytes = fs::read(file(image)).unwrap();
                let read = self.read_image(&bytes);
                read.map(Some).map_err(|it| (it.code(), it.to_string()))
            }
        }
    }

    fn read_image(&self, bytes: &[u8]) -> Result<String, ImageError> {
        let is_key = |trusted: &&str| trusted.starts_with("imprint-");
        let keys = self.each("trust").filter(is_key);
        let keys: Vec<_> = keys.map(|it| PublicKey::from_text(it).unwrap()).collect();
        let roots = self.each("trust").filter(|it| !is_key(it));
        let roots: Vec<_> = roots.map(|name| self.beside(name)).collect();
        let station = self
            .one("station")
            .map(|it| StationSecret::from_text(it).unwrap());
        let grants = self
            .one("grants")
            .map(|it| base16ct::lower::decode_vec(it).unwrap());
        let share = self.one("share").map(|it| Share::from_text(it).unwrap());
        let image = Image::open(Cursor::new(bytes), &TrustAnchors::with_roots(keys, roots))?;
        let mut open = image.unlock(Unlock {
            station: station.as_ref(),
            grants: grants.as_deref(),
            share: share.as_ref(),
            time_s: self.one("now").map(|it| it.parse().unwrap()),
        })?;
        Ok(open.verify_all()?.to_string())
    }

    /// A root document by the name of its vector, which is good.
    fn beside(&self, name: &str) -> RootDocument {
        let bytes = fs::read(folder().join(name).with_extension("root")).unwrap();
        let text = Text::load(&format!("{name}.txt"));
        text.read_root(&bytes).unwrap()
    }

    /// A root document, as the first one or after the one that is named.
    fn read_root(&self, bytes: &[u8]) -> Result<RootDocument, RootError> {
        match self.one("trust") {
            Some(name) => RootDocument::from_bytes_after(bytes, &self.beside(name)),
            None => RootDocument::from_bytes(bytes),
        }
    }

    fn read_key(&self, path: PathBuf) -> Result<(), KeyError> {
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        let kind = match Kind::of(&text) {
            Ok(kind) | Err(KeyError::Locked { kind }) => kind,
            // What is no text, or too long, is seen by whoever reads the file.
            Err(_) => Kind::SigningSecret,
        };
        match kind {
            Kind::SigningSecret => self.read_secret::<SigningKey>(path),
            Kind::StationSecret => self.read_secret::<StationSecret>(path),
            Kind::SigningPublic => PublicKey::load(&path).map(drop),
            Kind::StationPublic => StationPublic::load(&path).map(drop),
        }
    }

    fn read_secret<K: SecretKey>(&self, path: PathBuf) -> Result<(), KeyError> {
        match (K::load(&path), self.one("passphrase")) {
            (Err(KeyError::Locked { .. }), Some(passphrase)) => {
                LockedKey::load(&path)?.unlock::<K>(passphrase).map(drop)
            }
            (read, _) => read.map(drop),
        }
    }
}
