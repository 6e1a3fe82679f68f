#!/usr/bin/perl
# What make install brings is whole: no placeholder is left in it, and the unit
# starts the program that was installed.
use strict;
use warnings;
use Test::More;
use Cwd 'abs_path';
use File::Find;
use File::Temp 'tempdir';

my $build = abs_path($ENV{top_builddir} // '.');
plan skip_all => 'not built' unless -x "$build/assayd";

sub slurp { my ($f) = @_; open my $h, '<', $f or die "$f: $!"; local $/; return <$h> }

my $root = tempdir(CLEANUP => 1);
# A make above this one must not hand its jobs and targets down.
delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL)};
my $output = `make -s -C $build install DESTDIR=$root 2>&1`;
is $? >> 8, 0, 'make install' or diag $output;

my %installed;
find(sub { $installed{$_} = $File::Find::name if -f && $File::Find::name !~ /bash-completion/ }, $root);
ok $installed{$_}, $_ for qw(assayd assay assay.conf assay.conf.sample assayd.8 assay.1 assay-verify.1 assay.conf.5 assayd.service
    _assay assay.fish);
for my $name (grep { $_ !~ /^assayd?$/ } sort keys %installed) {
    unlike slurp($installed{$name}), qr/\@\w+\@/, "$name: no placeholder";
}
like $installed{_assay} // '', qr{/zsh/vendor-completions/_assay$}, 'completion for zsh';
ok -f "$1/bash-completion/completions/assay", 'completion for bash' if $installed{_assay} =~ m{^(.*)/zsh/};
my @commands = slurp($installed{'assayd.service'} // '/dev/null') =~ /^Exec\w+=(\S+assayd)\b/mg;
ok @commands >= 2, 'the unit starts assayd';
is "$root$_", $installed{assayd}, "$_ is where it was installed" for @commands;
my ($reload) = slurp($installed{'assayd.service'} // '/dev/null') =~ /^ExecReload=(\S+)/m;
is $root . ($reload // ''), $installed{assay}, 'it is reloaded by the assay that was installed';
# The version has one place; the release notes begin with it.
my $top = $ENV{top_srcdir} // '.';
my ($version) = slurp("$top/configure.ac") =~ /^AC_INIT\(\[assay\], \[([\d.]+)\]\)/m;
like slurp("$top/CHANGES"), qr/\Aassay \Q$version\E \((?:not yet released|\d{4}-\d\d-\d\d)\)\n/,
    "CHANGES begins with version $version";
done_testing;
