//! What leaves the platform: e-mail.
