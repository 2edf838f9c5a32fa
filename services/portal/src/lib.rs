//! What people see in a browser, and the REST API that other systems call.
