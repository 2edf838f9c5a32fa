//! Pure rules of recevabilité (R8, R9, R16, R17): what the tables say of a title, and who may see what the jury found.

mod determination;
mod title;

pub use determination::{Viewer, visible};
pub use title::{Assessment, Recevabilite, SchoolRecevabilite, Title, TitleRefused, assess, rows};
