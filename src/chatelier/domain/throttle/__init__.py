"""How often somebody may ask: failed sign-ins (``sign_ins``) and requests of any kind (``rates``). What people may use
up is another matter: domain/quotas."""
