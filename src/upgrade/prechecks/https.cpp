#include "upgrade/prechecks/rules.hpp"

namespace oms::upgrade {
namespace {

constexpr std::chrono::hours kSoon{30 * 24};

std::string day_of(Time time) {
    return to_rfc3339(time).substr(0, 10);
}

void date_of(const HttpsPair& pair, Findings& all) {
    const Certificate& seen = *pair.certificate;
    const std::string named = "the HTTPS certificate " + pair.named + " (" + seen.subject + ")";
    if (seen.not_after <= pair.seen) {
        add(all,
            "HttpsCertificate",
            named + " has expired on " + day_of(seen.not_after),
            "put one that is valid, and its key, in its place, and restart OMS");
    } else if (seen.not_before > pair.seen) {
        add(all,
            "HttpsCertificate",
            named + " is not valid before " + day_of(seen.not_before),
            "put one that is valid in its place, or let the clocks follow NTP");
    } else if (seen.not_after - pair.seen < kSoon) {
        add(all,
            "HttpsCertificate",
            named + " expires on " + day_of(seen.not_after),
            "renew it soon",
            api::Severity::Warning);
    }
}

}  // namespace

void https_can_be_spoken(const Target&, const Survey& found, Findings& all) {
    for (const auto& node : found.nodes) {
        for (const HttpsPair& pair : node.https) {
            if (pair.trouble) {
                add(all,
                    "HttpsCertificate",
                    "the HTTPS certificate and key " + pair.named + ": " + *pair.trouble,
                    "both must be there, in PEM, the key not encrypted, and belong together");
            }
            if (pair.certificate) date_of(pair, all);
        }
    }
}

/// What the procedure's Notice means for who reads the new config.yaml (oms-facts 4.6).
void oat_keeps_the_keys(const Target& target, const Survey& found, Findings& all) {
    const auto from = source_version(target, found);
    const auto oat =
        target.spec.oat_version ? parse_version(*target.spec.oat_version) : std::nullopt;
    if (!from || !oat || needs_config_split(*from, target.to, oat)) return;
    if (!needs_config_split(*from, target.to, std::nullopt)) return;
    add(all,
        "OatConfig",
        "OMS was deployed by OAT " + to_string(*oat) +
            ", below 4.3.2: config.yaml is not touched, and keeps its oms_meta_* keys, one "
            "connection for the rm and cm databases (procedure, \"Modify the config.yaml file\", "
            "Notice)",
        "nothing to do; if OAT did not deploy this OMS, leave spec.oat.version out",
        api::Severity::Info);
}

}  // namespace oms::upgrade
