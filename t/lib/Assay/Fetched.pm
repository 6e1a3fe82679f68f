package Assay::Fetched;

# The programs contrib/fetch unpacked: MTAs, the name server, others. They are
# not installed, so they run with their own libraries.
use strict;
use warnings;
use Test::More ();
use Exporter 'import';

our @EXPORT_OK = qw(prefix program library_path with_libraries need);

my %program = (
    postfix  => 'usr/sbin/postfix',
    sendmail => 'usr/libexec/sendmail/sendmail',
    knotd    => 'usr/sbin/knotd',
    knotc    => 'usr/sbin/knotc',
    keymgr   => 'usr/sbin/keymgr',
    opendkim => 'usr/sbin/opendkim',
    'opendkim-testmsg' => 'usr/sbin/opendkim-testmsg',
);

sub prefix { return $ENV{fetched} // ($ENV{top_builddir} // '.') . '/fetched' }

sub program {
    my ($name) = @_;
    return prefix() . '/' . ($program{$name} // "usr/bin/$name");
}

sub library_path {
    my $prefix = prefix();
    return join ':', grep { -d } glob("$prefix/usr/lib/*-linux-gnu* $prefix/lib/*-linux-gnu*"),
        "$prefix/usr/lib", "$prefix/usr/lib/postfix", "$prefix/usr/lib/rspamd";
}

# A command that finds them; also a system's interpreter whose modules were
# unpacked.
sub with_libraries { return ('env', 'LD_LIBRARY_PATH=' . library_path(), @_) }

# Skips the whole test when it can't run here: contrib/check counts that as a
# failure.
sub need {
    my (@names) = @_;
    Test::More::plan(skip_all => 'needs root') if $> != 0;
    for my $name (@names) {
        Test::More::plan(skip_all => "$name is not in " . prefix() . '; run contrib/fetch')
            unless -x program($name);
    }
    return;
}

1;
