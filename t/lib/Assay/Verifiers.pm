package Assay::Verifiers;

# Other people's DKIM verifiers, run as programs with the libraries that were
# unpacked for them.
#
#   plan skip_all => $_ for grep { defined } Assay::Verifiers::missing();
#   my $others = Assay::Verifiers->new($dir, { 's._domainkey.d.example' => 'v=DKIM1; ...' });
#   my $text = $others->dkimpy($file);      # one line a signature: file, index, word, reason
#   my $text = $others->maildkim($file);    # the same; knows RSA only
#   my $text = $others->opendkim($file);    # its own words
#   spawn(command => [python('script.py', ...)]);
use strict;
use warnings;
use Exporter 'import';
use Assay::Dir qw(spawn stop slurp);
use Assay::Fetched qw(program with_libraries);

our @EXPORT_OK = qw(python perl);

my $oracle = ($ENV{top_srcdir} // '.') . '/t/oracle';

# Commands that find the modules and libraries among what was unpacked.
sub python { return with_libraries('/usr/bin/python3', @_) }
sub perl   { return with_libraries('perl', @_) }

# What is to be installed or fetched before they can run, or nothing.
sub missing {
    my $python = join ' ', python();
    my $perl = join ' ', perl();
    return 'python3-dkim and python3-nacl needed; run contrib/fetch'
        if system("$python -c 'import dkim, nacl.signing' 2>/dev/null") != 0;
    return 'libmail-dkim-perl needed; run contrib/fetch' if system("$perl -MMail::DKIM -e 1 2>/dev/null") != 0;
    return 'openssl needed' if system('openssl version >/dev/null 2>&1') != 0;
    return 'opendkim needed; run contrib/fetch' unless -x program('opendkim');
    return;
}

sub new {
    my ($class, $dir, $records) = @_;
    my $lines = sub { my ($between) = @_; join '', map { "$_$between$records->{$_}\n" } sort keys %$records };
    my $keys = $dir->write('opendkim.keys', $lines->(' '));
    return bless {
        dir => $dir, records => $dir->write('records', $lines->("\t")),
        conf => $dir->write('opendkim.conf', "TestPublicKeys $keys\nMaximumHeaders 0\n"),
    }, $class;
}

# What a program writes; a minute at most.
sub said {
    my ($self, @command) = @_;
    my $out = $self->{dir}->path('verifier-said');
    unlink $out;
    stop(spawn(command => [@command], log => $out), 0, 60);
    return slurp($out);
}

sub dkimpy {
    my ($self, $file) = @_;
    return $self->said(python("$oracle/dkim_dkimpy.py", $self->{records}, $file));
}

sub maildkim {
    my ($self, $file) = @_;
    return $self->said(perl("$oracle/dkim_maildkim.pl", 'verify', $self->{records}, $file));
}

sub opendkim {
    my ($self, $file) = @_;
    return $self->said(with_libraries(program('opendkim'), '-x', $self->{conf}, '-vv', '-t', $file));
}

1;
