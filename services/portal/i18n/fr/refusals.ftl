refused-title = Ce n’est pas possible
refusal-unknown = La plateforme a refusé cette demande (motif { $reason }). Rien n’a été modifié.
