//! Account mail: taken from the portal with a link minted for this try, sent at once, confirmed. The link is in the mail
//! and nowhere else.

use contracts::portal::{AccountMail, AccountMailKind, ConfirmAccountMailSentRequest, TakeAccountMailsRequest};
use jiff::Timestamp;

use super::{
    RoundError,
    post::{self, Reader},
    waiting::{Turn, turn},
};
use crate::{
    app::App,
    domain::Kind,
    letters::{Details, texts::Lang},
    store::Outcome,
};

/// Mails taken at once; each is sent before the next.
const AT_ONCE: u32 = 20;

/// Sends the account mails that wait. Gives how many tries failed for now, as for invitations.
///
/// # Errors
/// The portal or the database was away.
pub async fn round(app: &App) -> Result<u32, RoundError> {
    let take = TakeAccountMailsRequest { limit: AT_ONCE };
    let taken = app.accounts.clone().take_account_mails(take).await.map_err(RoundError::peer("portal"))?;
    let mut failed = 0;
    for mail in taken.into_inner().mails {
        failed += u32::from(!one(app, &mail).await?);
    }
    Ok(failed)
}

async fn one(app: &App, asked: &AccountMail) -> Result<bool, RoundError> {
    let kind = match asked.kind() {
        AccountMailKind::Verify => Kind::AccountVerify,
        AccountMailKind::Reset => Kind::AccountReset,
        AccountMailKind::Exists => Kind::AccountExists,
        AccountMailKind::Changed => Kind::AccountChanged,
        AccountMailKind::Unspecified => {
            tracing::error!(mail = %asked.mail_id, "an account mail of a kind that this version does not know");
            return Ok(false);
        }
    };
    let mail = match turn(app, kind, &asked.mail_id, None).await? {
        Turn::Ours(mail) => mail,
        Turn::Sent => return confirm(app, asked, false).await.map(|()| true),
        Turn::Failed(_) => return confirm(app, asked, true).await.map(|()| true),
        Turn::NotNow => return Ok(false),
    };
    let until = asked.until.map(Timestamp::try_from).transpose().ok().flatten();
    let link = if asked.link.is_empty() { app.home() } else { asked.link.clone() };
    let details = Details { deadline: until, link, ..Details::default() };
    let reader = Reader { name: String::new(), address: asked.email.clone() };
    let language = Lang::of(&asked.language).map_or(Lang::ALL.to_vec(), |lang| vec![lang]);
    match post::post(app, &mail, &reader, &language, &details, app.clock.now()).await? {
        Outcome::Sent => confirm(app, asked, false).await.map(|()| true),
        Outcome::Bounced(_) | Outcome::GivenUp(_) => confirm(app, asked, true).await.map(|()| true),
        Outcome::Later(..) | Outcome::Moot => Ok(false),
    }
}

async fn confirm(app: &App, asked: &AccountMail, undeliverable: bool) -> Result<(), RoundError> {
    let request = ConfirmAccountMailSentRequest { mail_id: asked.mail_id.clone(), undeliverable };
    app.accounts.clone().confirm_account_mail_sent(request).await.map(|_| ()).map_err(RoundError::peer("portal"))
}
