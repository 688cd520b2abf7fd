#pragma once

#include "metrics/families.hpp"
#include "metrics/upgrade_facts.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace oms::metrics {

/// The series of every OMSUpgrade that there is, and of none that is gone. Any thread.
class UpgradeSeries {
public:
    /// We recorded this status, so nobody knows better: what a watch tells later may be older.
    void on_record(const api::OmsUpgrade&);

    /// A watch told of it, as somebody else left it.
    void on_told(const api::OmsUpgrade&);

    void on_gone(const api::Key&, const std::string& uid);

    /// In the order of namespaces and names.
    Families collect(Time now) const;

private:
    /// More than can be recorded at once: a record that is late for a deletion is known by it.
    static constexpr std::size_t kGoneMax = 1024;

    struct Entry {
        std::string uid;
        bool is_recorded = false;
        UpgradeFacts facts;
    };

    bool is_gone(const std::string& uid) const;

    mutable std::mutex mutex_;
    std::map<api::Key, Entry> upgrades_;
    std::deque<std::string> gone_;  // uids, the latest last
};

}  // namespace oms::metrics
