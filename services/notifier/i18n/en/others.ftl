# The person who fills in the fiche, and accounts.
referee-invitation = { $candidate } asks you for a fiche d'appréciation
    .p1 = { $candidate } is preparing an application (“admission sur titres”) and has named you as the person in charge of their last cycle of studies.
    .p2 = The link below lets you fill in or deposit the confidential reference (“fiche d'appréciation”), without an account, before { $deadline }. It stays confidential: the candidate knows that it has arrived, never what it says.
    .p3 = This link is yours alone: please do not pass it on.
    .action = Fill in the reference

account-verify = Confirm your address
    .p1 = An account was asked for with this address. To create it, follow the link before { $deadline }.
    .p2 = If you asked for nothing, ignore this message: without the link no account is created.
    .action = Confirm my address

account-reset = Choose a new password
    .p1 = A new password was asked for on your account. The link works once, before { $deadline }.
    .p2 = If you asked for nothing, ignore this message: your password stays the same.
    .action = Choose a password

account-exists = You already have an account
    .p1 = An account has just been asked for with this address, which has one. Sign in with that one; if you forgot the password, the sign-in page lets you choose another.
    .p2 = If you asked for nothing, there is nothing to do: nothing has changed.
    .action = Sign in

account-changed = Your account was changed
    .p1 = The password, the address or the second factor of your account has just been changed.
    .p2 = If that was not you, choose a new password without delay.
    .action = Open my account
