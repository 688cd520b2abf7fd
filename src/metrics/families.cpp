#include "metrics/families.hpp"

#include <utility>

namespace oms::metrics {

prometheus::MetricFamily family(const std::string& name, const std::string& help) {
    const bool counts = name.ends_with("_total");
    return {.name = name,
            .help = help,
            .type = counts ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge,
            .metric = {}};
}

void add(prometheus::MetricFamily& family, Labels labels, double value) {
    auto& metric = family.metric.emplace_back();
    metric.label = std::move(labels);
    if (family.type == prometheus::MetricType::Counter) {
        metric.counter.value = value;
    } else {
        metric.gauge.value = value;
    }
}

prometheus::MetricFamily single(const std::string& name, const std::string& help, double value) {
    auto made = family(name, help);
    add(made, {}, value);
    return made;
}

}  // namespace oms::metrics
