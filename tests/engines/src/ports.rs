//! Ports that no parallel test takes: blocks below the range the system hands out, each held by a file lock.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
};

use crate::EngineError;

const FIRST: u16 = 20_000;
const LAST: u16 = 29_980;
const BLOCK: u16 = 20;

/// A block of ports on 127.0.0.1, ours until dropped.
#[derive(Debug)]
pub struct Ports {
    base: u16,
    next: u16,
    _lock: File,
}

impl Ports {
    /// Reserves a free block.
    ///
    /// # Errors
    /// When the lock directory cannot be written, or no block is free.
    pub fn reserve() -> Result<Self, EngineError> {
        let dir = std::env::temp_dir().join("admis-ports");
        fs::create_dir_all(&dir).map_err(EngineError::io(format!("making {}", dir.display())))?;
        // Start where this process' id points, so that parallel tests seldom try the same block first.
        let blocks = (LAST - FIRST) / BLOCK;
        let start = u16::try_from(std::process::id() % u32::from(blocks)).unwrap_or(0);
        for step in 0..blocks {
            let base = FIRST + ((start + step) % blocks) * BLOCK;
            let path = dir.join(base.to_string());
            let lock = File::create(&path).map_err(EngineError::io(format!("making {}", path.display())))?;
            if lock.try_lock().is_ok() && (base..base + BLOCK).all(free) {
                return Ok(Self { base, next: base, _lock: lock });
            }
        }
        Err(EngineError::NoPorts { from: FIRST, to: LAST })
    }

    /// The next port of the block.
    ///
    /// # Panics
    /// When more than a block's twenty ports are asked for: a mistake in the caller.
    #[expect(clippy::panic, reason = "a mistake in a test, not in its input")]
    pub fn take(&mut self) -> u16 {
        let port = self.next;
        if port >= self.base + BLOCK {
            panic!("a block has {BLOCK} ports");
        }
        self.next += 1;
        port
    }
}

fn free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}
