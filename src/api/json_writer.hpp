#pragma once

// Values to JSON, by the lists of fields.hpp. Seen by this room's .cpp files only.

#include "api/fields.hpp"
#include "api/names.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace oms::api {

enum class Defaults { Written, Omitted };

template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

class JsonWriter {
public:
    explicit JsonWriter(Defaults defaults) : defaults_(defaults) {}

    template <class T>
    nlohmann::json write(const T& value, Form form = Form::Plain) const {
        if constexpr (Described<T>) {
            return write_fields(value);
        } else if constexpr (kIsVector<T>) {
            auto list = nlohmann::json::array();
            for (const auto& one : value) list.push_back(write(one, form));
            return list;
        } else if constexpr (HasNames<T>) {
            return std::string(to_string(value));
        } else if constexpr (std::is_same_v<T, Time>) {
            return write_time(value, form);
        } else if constexpr (std::is_same_v<T, std::string>) {
            return write_text(value, form);
        } else {
            static_assert(std::is_integral_v<T>);
            return value;
        }
    }

private:
    template <class T>
    nlohmann::json write_fields(const T& value) const {
        const T plain{};
        auto object = nlohmann::json::object();
        for_each_field<T>([&](const auto& one) {
            const auto& member = value.*one.member;
            if (!one.always && omits(member, plain.*one.member)) return;
            auto written = write_member(member, one.form);
            if (!one.always && written.is_object() && written.empty()) return;
            auto& place = one.inside.empty() ? object : object[std::string(one.inside)];
            place[std::string(one.name)] = std::move(written);
        });
        return object;
    }

    template <class M>
    nlohmann::json write_member(const M& member, Form form) const {
        if constexpr (kIsOptional<M>) {
            return write(*member, form);
        } else if constexpr (std::is_same_v<M, Spec>) {
            return JsonWriter(Defaults::Written).write(member);  // pinned: see to_json(Status)
        } else {
            return write(member, form);
        }
    }

    template <class M>
    bool omits(const M& member, const M& plain) const {
        if constexpr (kIsOptional<M>) {
            return !member;
        } else if constexpr (kIsVector<M>) {
            return member.empty();
        } else {
            return defaults_ == Defaults::Omitted && member == plain;
        }
    }

    static std::string write_time(Time, Form);
    static std::string write_text(const std::string&, Form);

    Defaults defaults_;
};

}  // namespace oms::api
