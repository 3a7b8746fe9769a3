#!/bin/sh
# Makes the certificates that tests of encrypted connections use: good for a hundred years, and for nothing but tests on
# this machine. An authority; servers it vouches for by the right name, by a wrong one, and long ago; one that nobody
# vouches for.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$(mktemp -d)"
touch index
printf '[ca]\ndefault_ca=own\n[own]\ndatabase=index\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\npolicy=any\nunique_subject=no\n[any]\ncommonName=supplied\n' > ca.conf

make() { # name, who signs, last year, extension
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"
  openssl req -new -key "$1.key" -subj "/CN=track-sync test, $1" -out "$1.request"
  printf '%s\n' "$4" > extension
  by="-cert $2.pem -keyfile $2.key"
  [ "$1" = "$2" ] && by="-selfsign -keyfile $1.key"
  # shellcheck disable=SC2086
  openssl ca -batch -notext -config ca.conf $by -startdate 20200101000000Z -enddate "${3}0101000000Z" \
    -in "$1.request" -extfile extension -out "$1.pem"
}

own='subjectAltName=DNS:localhost,IP:127.0.0.1'
{
  make authority authority 2120 'basicConstraints=critical,CA:true'
  make trusted authority 2120 "$own"
  make other-name authority 2120 'subjectAltName=DNS:other.test'
  make expired authority 2021 "$own"
  make self-signed self-signed 2120 "$own"
} 2> log || { cat log; exit 1; }
rm authority.key
mv authority.pem trusted.* other-name.* expired.* self-signed.* "$here"
rm -f "$here"/*.request
