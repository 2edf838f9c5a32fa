// Uploads in chunks, with progress, resumable after a cut; see the page of pieces.
