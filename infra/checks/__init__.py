"""What must hold of the manifests before anybody applies them. Each check is a function from what was built to a list of
sentences, one for each thing that is wrong; `tests/` plants a fault for each and sees it named."""
