/// The part of the inspection that asks Rubygems.
enum GemScript {
    /// Prints gems with a newer version.
    ///
    /// `gem outdated` drops the errors of its sources and then prints nothing with exit code 0 (rubygems
    /// `Specification.outdated_and_latest_version`), so the sources are asked first, by the same library. Its cache goes
    /// to the temporary folder.
    static let status = #"""
        if command -v gem >/dev/null; then
            export GEM_SPEC_CACHE="$work/gems"

        """# + sources + #"""
                # Before and after, since a source may cease to answer in between.
                section gem-sources sources
                # Complaints about gems that cannot be loaded say nothing of newer versions.
                outdated() { gem outdated 2>"$work/gem-errors" || { code=$?; cat "$work/gem-errors"; return $code; }; }
                section gems outdated
                section gem-sources-after sources
            else
                section gems-absent true
            fi

            """#

    /// Defines `sources`, which asks every source of gems and fails when one does not answer.
    static let sources = #"""
        ruby=$(dirname "$(command -v gem)")/ruby
        [ -x "$ruby" ] || ruby=ruby
        sources() { "$ruby" -e '
            require "rubygems"
            require "rubygems/spec_fetcher"
            lists, errors = Gem::SpecFetcher.fetcher.available_specs(:latest)
            errors.each { |error| puts error.wordy }
            puts "no source of gems is configured" if lists.empty? && errors.empty?
            exit(errors.empty? && !lists.empty? ? 0 : 1)
        '; }

        """#
}
