# What surrounds every message.
greeting = Dear { $name },
greeting-nobody = Hello,
closing = { $session }
automatic = This message is sent automatically; please do not answer it. The schools' contacts are on the platform: { $portal }

# What a dossier still lacks (R12).
missing-form = your personal details
missing-studies = your years of study since the baccalauréat
missing-title = the degree you apply with
missing-order = your order of schools
missing-fee = the fee: a declared transfer, or a request for the exemption
missing-attestation = the document that justifies the exemption
missing-other = something your dossier shows in detail
missing-or = or
