#pragma once

// JSON to values, by the lists of fields.hpp. Seen by this room's .cpp files only.

#include "api/fields.hpp"
#include "api/json_writer.hpp"
#include "api/names.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace oms::api {

enum class Unknown { Refused, Ignored };

/// Reads values, and notes a Problem for each it cannot read. Never throws for what it finds.
class JsonReader {
public:
    explicit JsonReader(Unknown unknown) : unknown_(unknown) {}

    /// What `from` says; where it says nothing that can be read, T's default.
    template <class T>
    T read(const nlohmann::json& from, const std::string& path) {
        T value{};
        read_into(from, path, value);
        return value;
    }

    void add(std::string path, std::string message) {
        problems_.push_back({std::move(path), std::move(message)});
    }

    /// A problem for each key of `object` that is not in `known`; none when they are to be ignored.
    void refuse_unknown(const nlohmann::json& object,
                        const std::string& path,
                        const std::vector<std::string_view>& known);

    /// True for an object; else notes a problem.
    bool is_object(const nlohmann::json& from, const std::string& path);

    std::vector<Problem> take_problems() { return std::move(problems_); }

    template <class T>
    void read_into(const nlohmann::json& from, const std::string& path, T& into) {
        if constexpr (Described<T>) {
            read_fields(from, path, into);
        } else if constexpr (kIsVector<T>) {
            read_list(from, path, into);
        } else if constexpr (kIsOptional<T>) {
            read_optional(from, path, into);
        } else if constexpr (HasNames<T>) {
            read_name(from, path, into);
        } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
            read_number(from, path, into);
        } else {
            read_plain(from, path, into);
        }
    }

private:
    template <class T>
    void read_fields(const nlohmann::json& from, const std::string& path, T& into) {
        if (!is_object(from, path)) return;
        std::vector<std::string_view> known;
        for_each_field<T>([&](const auto& one) {
            known.push_back(one.inside.empty() ? one.name : one.inside);
            if (one.inside.empty()) {
                read_field(from, path, one, into);
                return;
            }
            const std::string name(one.inside);
            const auto outer = from.find(name);
            if (outer == from.end() || outer->is_null()) return;
            if (!is_object(*outer, path + "." + name)) return;
            read_field(*outer, path + "." + name, one, into);
            refuse_unknown(*outer, path + "." + name, {one.name});
        });
        refuse_unknown(from, path, known);
    }

    // An API server reads null as if nothing had been said, and so does this.
    template <class T, class F>
    void read_field(const nlohmann::json& from, const std::string& path, const F& one, T& into) {
        const std::string name(one.name);
        const std::string deeper = path.empty() ? name : path + "." + name;
        const auto found = from.find(name);
        if (found != from.end() && !found->is_null()) {
            read_into(*found, deeper, into.*one.member);
        } else if (one.always && unknown_ == Unknown::Refused) {
            add(deeper, "is required");
        }
    }

    template <class T>
    void read_list(const nlohmann::json& from, const std::string& path, std::vector<T>& into) {
        if (!from.is_array()) return refuse(from, path, "a list");
        for (std::size_t i = 0; i < from.size(); ++i) {
            T one{};
            read_into(from[i], path + "[" + std::to_string(i) + "]", one);
            into.push_back(std::move(one));
        }
    }

    template <class T>
    void read_optional(const nlohmann::json& from,
                       const std::string& path,
                       std::optional<T>& into) {
        const std::size_t before = problems_.size();
        T value{};
        read_into(from, path, value);
        // Half an object is kept: what is wrong in it is known, and the rest may be wrong as well.
        if (Described<T> || problems_.size() == before) into = std::move(value);
    }

    template <class E>
    void read_name(const nlohmann::json& from, const std::string& path, E& into) {
        const auto* text = from.get_ptr<const std::string*>();
        if (const auto known = text == nullptr ? std::nullopt : from_name<E>(*text)) {
            into = *known;
            return;
        }
        std::vector<std::string_view> names;
        names.reserve(kNames<E>.size());
        for (const auto& known : kNames<E>) names.push_back(known.name);
        refuse_name(from, path, names);
    }

    template <class T>
    void read_number(const nlohmann::json& from, const std::string& path, T& into) {
        constexpr auto kLeast = static_cast<std::int64_t>(std::numeric_limits<T>::min());
        constexpr auto kMost = static_cast<std::int64_t>(std::numeric_limits<T>::max());
        std::int64_t number = 0;
        if (read_int64(from, path, kLeast, kMost, number)) into = static_cast<T>(number);
    }

    void read_plain(const nlohmann::json& from, const std::string& path, std::string& into);
    void read_plain(const nlohmann::json& from, const std::string& path, bool& into);
    void read_plain(const nlohmann::json& from, const std::string& path, Time& into);
    bool read_int64(const nlohmann::json& from,
                    const std::string& path,
                    std::int64_t least,
                    std::int64_t most,
                    std::int64_t& into);

    void refuse(const nlohmann::json& from, const std::string& path, std::string_view wanted);
    void refuse_name(const nlohmann::json& from,
                     const std::string& path,
                     const std::vector<std::string_view>& names);

    Unknown unknown_;
    std::vector<Problem> problems_;
};

/// "the number 4.3", "text \"abc\"", "a list": what a reader shows of a value it did not want.
std::string describe(const nlohmann::json&);

}  // namespace oms::api
