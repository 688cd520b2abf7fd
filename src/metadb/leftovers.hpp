#pragma once

#include "metadb/crew.hpp"

#include <stop_token>
#include <string>
#include <vector>

namespace oms::metadb {

/// Ends every session of our user, but those of the crew, that has one of the databases as its
/// default, and returns when the server has none of them any more.
///
/// For before a database is replaced. OMS is stopped then. What may be left is the restore of an
/// operator that was stopped in the middle (SIGSTOP) and overtaken: a statement of it may still be
/// at work in the server, or have been sent in part, and the rest follows when that process goes
/// on. Neither outlives its session, and a new one it may not begin (base/permit.hpp). Its locks go
/// with it, too. Every session of a restore shows its database, since it has one as its default
/// before anything is written.
///
/// Where a proxy gives sessions other numbers than the server shows, nothing can be told apart:
/// then nothing is ended, and the log says so. Transient when they do not end within ten seconds.
void end_leftovers(Crew&, const std::vector<std::string>& databases, const std::stop_token&);

}  // namespace oms::metadb
