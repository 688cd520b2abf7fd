#pragma once

#include <string>

/// A certificate for oms.example.com from 2020 to 2040, its key, and the key of another one. Made
/// for these tests with openssl; nothing trusts them.
namespace oms::fakes {

inline const std::string kCertificate = R"(-----BEGIN CERTIFICATE-----
MIIBGzCBwgIBATAKBggqhkjOPQQDAjAaMRgwFgYDVQQDDA9vbXMuZXhhbXBsZS5j
b20wHhcNMjAwMTAxMDAwMDAwWhcNNDAwMTAxMDAwMDAwWjAaMRgwFgYDVQQDDA9v
bXMuZXhhbXBsZS5jb20wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQV0CzgpKNh
S5MejrWuvgg/rwFrnPTJj2QLsIaly6LL+EOQGLRSb1vYY3WqNhjMUZoHMW7TQzKk
CgAFFwjB8H2fMAoGCCqGSM49BAMCA0gAMEUCIExTEaEsNX3ANenJ5RAKEtCOJG6C
Sn4QmbuQpt2FqdZ1AiEAndEHmb0o18+o9TGNym+tEpmrP28eyFjZ+k/qLGZQZsc=
-----END CERTIFICATE-----
)";

inline const std::string kKey = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZ0LBn3RIsk13WRe8
V9IsQ3nyfo/d4yk1rwVaU1zDf+KhRANCAAQV0CzgpKNhS5MejrWuvgg/rwFrnPTJ
j2QLsIaly6LL+EOQGLRSb1vYY3WqNhjMUZoHMW7TQzKkCgAFFwjB8H2f
-----END PRIVATE KEY-----
)";

inline const std::string kOtherKey = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnug1h2tDVcaIzrwJ
nJTKl7u6QuH8p0bdYzE3VEeLyzWhRANCAARr3Apk8z5bsDlvBHLAjVGtIVJLLvLY
mnGkCTQZ2jHVV78txZ5xQy3yCOYDZO9Jvw8N1k5aL5L3DfC8U2X9cvBx
-----END PRIVATE KEY-----
)";

}  // namespace oms::fakes
