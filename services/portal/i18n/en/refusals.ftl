refused-title = That is not possible
refusal-unknown = The platform refused this request (reason { $reason }). Nothing was changed.
