-- What is missing is kept as reasons (a JSON array), no longer as a sentence in one language. What the last plan said is
-- said again by the next.
update candidates set missing = '';
