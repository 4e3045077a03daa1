// `hotline partner …`: what is configured, and what a message would become.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace hotline::program {

int list_partners(const std::filesystem::path& config);
/// Reads nothing but configuration and file, and changes nothing.
int try_partner(const std::filesystem::path& config, const std::string& name,
                const std::string& file);

/// Hangs `partner` and its commands up. `add_config` gives a command its --config; `config` is what
/// was given there.
void add_partner_commands(CLI::App& app, const std::function<void(CLI::App&)>& add_config,
                          const std::function<std::filesystem::path()>& config,
                          std::function<int()>& chosen);

}  // namespace hotline::program
