# What the containers of this folder serve.
listen = "0.0.0.0:7878"
host   = "config.example"
tokens = "/run/secrets/ocl-migrate/tokens"

tls {
  certificate = "/run/secrets/ocl-migrate-tls/tls.crt"
  key         = "/run/secrets/ocl-migrate-tls/tls.key"
}

project "shop" {
  repository = "/srv/config/shop.git"
  # Not encrypted, on a network of its own; elsewhere leave `sslmode` out.
  store      = "postgres://ocl@database/ocl?sslmode=disable"
  writable   = true
}
