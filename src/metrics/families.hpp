#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace oms::metrics {

using Labels = std::vector<prometheus::ClientMetric::Label>;
using Families = std::vector<prometheus::MetricFamily>;

/// One that is not there yet. `name` ends in _total for a counter, and only for that.
prometheus::MetricFamily family(const std::string& name, const std::string& help);

void add(prometheus::MetricFamily&, Labels, double value);

/// A family of one series without labels.
prometheus::MetricFamily single(const std::string& name, const std::string& help, double value);

}  // namespace oms::metrics
