//! A double of eligibility: three schools, two titles, one of them closed at the third school.

use contracts::eligibility::{self as tables, eligibility_server};
use platform::refusal::Refusal;
use tonic::{Request, Response, Status};

pub const FIRST: &str = "albi";
pub const SECOND: &str = "ales";
pub const THIRD: &str = "nord-europe";

pub struct Tables;

#[tonic::async_trait]
impl eligibility_server::Eligibility for Tables {
    async fn open_schools(
        &self,
        request: Request<tables::OpenSchoolsRequest>,
    ) -> Result<Response<tables::OpenSchoolsReply>, Status> {
        assert!(request.metadata().contains_key("authorization"), "asked without our token");
        let title = request.into_inner().title.unwrap();
        let third = match (title.diploma.as_str(), title.mention.as_str()) {
            ("licence", "Chimie") => tables::Recevabilite::Open,
            ("licence", "Biologie, Biochimie") => tables::Recevabilite::Closed,
            _ => {
                let refused = Refusal::invalid("UNKNOWN_DIPLOMA").field("title.diploma", "in no table");
                return Err(refused.allowed(["licence"]).into());
            }
        };
        let standing = |school: &str, recevabilite: tables::Recevabilite| tables::SchoolRecevabilite {
            school: school.into(),
            recevabilite: recevabilite.into(),
            table: "Tableau 5".into(),
            row: title.mention.clone(),
        };
        let open = tables::Recevabilite::Open;
        let schools = vec![standing(FIRST, open), standing(SECOND, open), standing(THIRD, third)];
        Ok(Response::new(tables::OpenSchoolsReply { filiere: "L3".into(), schools }))
    }

    async fn list_titles(
        &self,
        _: Request<tables::ListTitlesRequest>,
    ) -> Result<Response<tables::ListTitlesReply>, Status> {
        Err(Status::unimplemented("not asked by intake"))
    }

    async fn get_recevabilite(
        &self,
        _: Request<tables::GetRecevabiliteRequest>,
    ) -> Result<Response<tables::GetRecevabiliteReply>, Status> {
        Err(Status::unimplemented("not asked by intake"))
    }
}
