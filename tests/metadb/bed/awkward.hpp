#pragma once

#include "bed.hpp"

namespace oms::metadb::bed {

/// Fills the site's database with a table, value or definition of every kind that a dump has ever
/// stumbled over, as far as the server knows it.
void fill_awkwardly(Site&, const Server&);

}  // namespace oms::metadb::bed
