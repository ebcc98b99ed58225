//! The file with the key that seals secrets: 32 bytes as 64 hexadecimal digits.

use std::{
    fs::{File, OpenOptions},
    io::{Error, ErrorKind, Read, Result, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use ops::secrets::KEY_BYTES;

/// No more of a file is read, in bytes: what is longer is no key.
const LONGEST: u64 = 1_024;

/// The key in `path`; none when there is no such file.
///
/// # Errors
/// The file can't be read, or holds no key.
pub fn read(path: &Path) -> Result<Option<[u8; KEY_BYTES]>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text)?;
    let mut key = [0; KEY_BYTES];
    hex::decode_to_slice(text.trim(), &mut key).map_err(|_| {
        Error::new(
            ErrorKind::InvalidData,
            "it does not hold 64 hexadecimal digits",
        )
    })?;
    if std::fs::metadata(path)?.permissions().mode() & 0o077 != 0 {
        tracing::warn!(file = %path.display(), "Others than its owner may read the key file: chmod 600 it.");
    }
    Ok(Some(key))
}

/// Makes the file with a new key, readable by its owner alone, and gives the key; of two that do so at once one makes it
/// and both get the same.
///
/// # Errors
/// The file can't be written.
pub fn make(path: &Path) -> Result<[u8; KEY_BYTES]> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // Written beside and then given its name: nobody reads half a key.
    let fresh = path.with_extension(format!("{:016x}.new", rand::random::<u64>()));
    let key: [u8; KEY_BYTES] = rand::random();
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)?;
    let named = writeln!(file, "{}", hex::encode(key))
        .and_then(|()| file.sync_all())
        // Unlike a rename it takes no other file's place.
        .and_then(|()| std::fs::hard_link(&fresh, path));
    std::fs::remove_file(&fresh)?;
    match named {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            read(path)?.ok_or_else(|| Error::from(ErrorKind::NotFound))
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop")]

    use super::*;

    #[test]
    fn a_key_is_made_once_and_for_its_owner_alone() {
        let folder = std::env::temp_dir().join(format!("ytops-key-{:x}", rand::random::<u64>()));
        let path = folder.join("secret.key");
        assert_eq!(read(&path).unwrap(), None);
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let path = path.clone();
                std::thread::spawn(move || make(&path).unwrap())
            })
            .collect();
        let keys: Vec<_> = threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect();
        assert!(keys.iter().all(|key| Some(*key) == read(&path).unwrap()));
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
        for rubbish in ["", "00", &"g".repeat(64), &"0".repeat(66)] {
            std::fs::write(&path, rubbish).unwrap();
            assert!(read(&path).is_err(), "{rubbish}");
        }
        // As long as it likes to be.
        assert!(read(Path::new("/dev/zero")).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
