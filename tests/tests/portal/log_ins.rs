//! Every page a candidate looks at during a period is a log-in, recorded before it is shown (R31).

use campaign::must;
use contracts::{integration as api, roles};

use crate::{visitor::Visitor, world_at};

#[tokio::test(flavor = "multi_thread")]
async fn looking_at_any_page_in_a_period_is_a_log_in() {
    let world = world_at("period_1_opens", 60).await;
    let operator = campaign::world::Who::role(roles::JURY, "jury-member");
    let ask = api::NotLoggedInRequest { school: String::new(), period: 1 };
    let before = must!(world.integration, &operator, not_logged_in, ask.clone()).unwrap().not_logged_in;
    assert!(before.len() > 2, "nobody is in the running: {before:?}");
    for (i, path) in ["/calendrier", "/no-such-page"].into_iter().enumerate() {
        let mut visitor = Visitor::new(&world.portal_url);
        visitor.enter("candidat", &before[i]).await;
        visitor.get(path).await;
        let now = must!(world.integration, &operator, not_logged_in, ask.clone()).unwrap().not_logged_in;
        assert!(!now.contains(&before[i]), "{path} did not count");
    }
    let now = must!(world.integration, &operator, not_logged_in, ask).unwrap().not_logged_in;
    assert_eq!(now.len(), before.len() - 2, "nobody else was logged in by it");
}
