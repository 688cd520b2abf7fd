#include "oms/ha.hpp"

#include "base/error.hpp"
#include "oms/json_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>

namespace oms {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kEnable = "enable";
constexpr const char* kPerceive = "perceiveStoreClientCheckpoint";
constexpr const char* kRefetch = "refetchStoreIntervalMin";
constexpr const char* kConnector = "enableConnector";
constexpr const char* kJdbcWriter = "enableJdbcWriter";

constexpr int kHaDepthMax = 16;
constexpr int kRefetchDefault = 30;  // oms-facts 1.2

[[noreturn]] void refuse(const std::string& what) {
    throw Terminal("ha.config " + what +
                   "; correct it in the console: System Management > System Parameters > "
                   "ha.config");
}

Json parse_object(std::string_view json) {
    if (json.size() > kHaBytesMax) {
        refuse("is " + std::to_string(json.size()) + " bytes long, more than " +
               std::to_string(kHaBytesMax));
    }
    Json object;
    try {
        // Comparing and copying values goes as deep as they do; a stack does not.
        object = Json::parse(json, [](int depth, Json::parse_event_t, Json&) {
            if (depth > kHaDepthMax)
                refuse("holds values more than " + std::to_string(kHaDepthMax) + " deep");
            return true;
        });
    } catch (const Json::parse_error& error) {
        refuse("is not JSON: byte " + std::to_string(error.byte) + " cannot be read");
    } catch (const Json::exception&) {
        refuse("holds a number that is too large");
    }
    if (!object.is_object()) refuse("is JSON, but not an object in { }");
    return object;
}

void refuse_doubled_keys(std::string_view json) {
    std::set<std::string> seen;
    for (const auto& member : members_of(json)) {
        if (!seen.insert(member.key).second) refuse("says \"" + member.key + "\" twice");
    }
}

std::optional<bool> read_bool(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) return std::nullopt;
    if (!found->is_boolean()) {
        refuse("has \"" + std::string(key) + "\" as " + found->type_name() +
               ", not as true or false");
    }
    return found->get<bool>();
}

std::optional<int> read_minutes(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) return std::nullopt;
    // A number above 64 bits is a float to the parser, and refused as one.
    const bool whole = found->is_number_integer();
    constexpr auto kMinutesMax = static_cast<std::uint64_t>(std::numeric_limits<int>::max());
    if (!whole || *found < 0 || found->get<std::uint64_t>() > kMinutesMax) {
        refuse("has a \"" + std::string(key) + "\" that is not a whole number from 0 to " +
               std::to_string(kMinutesMax));
    }
    return found->get<int>();
}

/// One key to be set, in the text and in the values that the text has to hold afterwards.
void set(std::string& text, Json& values, const char* key, const Json& value) {
    const auto found = values.find(key);
    if (found != values.end() && *found == value) return;
    text = with_value(text, key, value.dump());
    values[key] = value;
}

/// The edit trusts positions in the text; the values are what OMS will go by.
std::string checked(std::string text, const Json& values) {
    if (Json::parse(text, nullptr, /*allow_exceptions=*/false) != values)
        refuse("is written so that it cannot be edited in place");
    return text;
}

/// refetchStoreIntervalMin when OMS may not go by its clients' checkpoints: greater than the
/// outage, whatever was asked for.
int refetch_minutes(int saved, const HaPolicy& policy, std::chrono::seconds outage) {
    using Minutes = std::chrono::duration<std::int64_t, std::ratio<60>>;
    const auto lasted = std::max(outage, std::chrono::seconds{0});
    const std::int64_t above = std::chrono::floor<Minutes>(lasted).count() + 1;
    if (policy.refetch_minutes && *policy.refetch_minutes >= above) return *policy.refetch_minutes;
    const std::int64_t margin = std::max(policy.margin_minutes, 0);
    const std::int64_t with_margin = std::chrono::ceil<Minutes>(lasted).count() + margin;
    const std::int64_t wanted = policy.refetch_minutes.value_or(saved);
    const std::int64_t minutes = std::max({wanted, with_margin, above});
    if (minutes > std::numeric_limits<int>::max()) {
        throw Terminal("ha.config: an outage of " + std::to_string(lasted.count()) +
                       " seconds is more than refetchStoreIntervalMin can hold; check the clock of "
                       "this machine, or set spec.ha.perceiveStoreClientCheckpoint to true");
    }
    return static_cast<int>(minutes);
}

}  // namespace

HaConfig parse_ha(std::string_view json) {
    const Json object = parse_object(json);
    refuse_doubled_keys(json);
    const auto enable = read_bool(object, kEnable);
    if (!enable) refuse("has no \"enable\"");
    return {.enable = *enable,
            .perceive_store_client_checkpoint = read_bool(object, kPerceive),
            .refetch_store_interval_min = read_minutes(object, kRefetch),
            .enable_connector = read_bool(object, kConnector),
            .enable_jdbc_writer = read_bool(object, kJdbcWriter)};
}

std::string with_ha_disabled(std::string_view json) {
    parse_ha(json);
    Json values = parse_object(json);
    std::string text(json);
    set(text, values, kEnable, false);
    return checked(std::move(text), values);
}

std::string restored_ha(std::string_view saved,
                        const HaPolicy& policy,
                        std::chrono::seconds outage) {
    const HaConfig ha = parse_ha(saved);
    std::string text(saved);
    if (!ha.enable) return text;

    Json values = parse_object(saved);
    if (ha.perceive_store_client_checkpoint.value_or(false) != policy.perceive)
        set(text, values, kPerceive, policy.perceive);
    if (!policy.perceive) {
        const int before = ha.refetch_store_interval_min.value_or(kRefetchDefault);
        const int minutes = refetch_minutes(before, policy, outage);
        set(text, values, kRefetch, minutes);
    }
    // Below 4.0.1 JDBCWriter did what Connector does since (oms-facts 1.2).
    const bool jdbc_writer_only =
        ha.enable_jdbc_writer.value_or(true) && !ha.enable_connector.value_or(true);
    if (policy.source_below_401 && jdbc_writer_only) set(text, values, kConnector, true);
    return checked(std::move(text), values);
}

}  // namespace oms
